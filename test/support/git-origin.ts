import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

const identity = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Dana',
  GIT_AUTHOR_EMAIL: 'dana@example.com',
  GIT_COMMITTER_NAME: 'Dana',
  GIT_COMMITTER_EMAIL: 'dana@example.com',
};

/** A repository on disk that a test writes to and a mirror fetches from through `file://`. */
export class GitOrigin {
  /** The working folder; its `.git` is served. */
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async create(files: Record<string, string> = {}): Promise<GitOrigin> {
    const origin = new GitOrigin(await mkdtemp(join(tmpdir(), 'slipway-origin-')));
    await origin.git('init', '--quiet', '--initial-branch=main');
    if (Object.keys(files).length > 0) await origin.commit(files);
    return origin;
  }

  get url(): string {
    return `file://${this.dir}/.git`;
  }

  /** Commits to the branch that is checked out; null deletes a file, and no files make an empty commit. */
  async commit(files: Record<string, string | null>, message = 'change'): Promise<string> {
    for (const [path, content] of Object.entries(files)) await this.write(path, content);
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '--message', message);
    return this.head();
  }

  async commitLink(path: string, target: string): Promise<string> {
    await mkdir(dirname(join(this.dir, path)), { recursive: true });
    await symlink(target, join(this.dir, path));
    return this.commit({});
  }

  head(name = 'HEAD'): Promise<string> {
    return this.git('rev-parse', name);
  }

  async git(...args: string[]): Promise<string> {
    const env = { ...process.env, ...identity };
    const { stdout } = await exec('git', args, { cwd: this.dir, env, maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true });
  }

  private async write(path: string, content: string | null): Promise<void> {
    const file = join(this.dir, path);
    if (content === null) return rm(file, { force: true });
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
