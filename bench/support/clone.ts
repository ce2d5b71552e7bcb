import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Pushed {
  commit: string;
  /** When `git push` returned, in milliseconds since the epoch. */
  at: number;
}

/** A local clone of a repository on the sandbox's forge. */
export interface Clone {
  repo: string;
  /** Writes the files, commits and pushes them. */
  push(files: Record<string, string>, message: string): Promise<Pushed>;
}

export async function cloneRepository(
  { url, token }: { url: string; token: string },
  repo: string,
  dir: string,
): Promise<Clone> {
  const git = async (...args: string[]) =>
    (await run('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', ...args])).stdout;
  await git('clone', '--quiet', `${url.replace('://', `://x-access-token:${token}@`)}/${repo}.git`, dir);
  return {
    repo,
    async push(files, message) {
      for (const [path, text] of Object.entries(files)) {
        const file = join(dir, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
      }
      await git('-C', dir, 'add', '--all');
      await git('-C', dir, 'commit', '--quiet', '-m', message);
      const commit = (await git('-C', dir, 'rev-parse', 'HEAD')).trim();
      await git('-C', dir, 'push', '--quiet');
      return { commit, at: Date.now() };
    },
  };
}
