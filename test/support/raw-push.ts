import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './mirrors.ts';
import type { TestRepository } from './repository.ts';
import { sandbox } from './sandbox.ts';

const exec = promisify(execFile);

const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Mallory',
  GIT_AUTHOR_EMAIL: 'mallory@example.com',
  GIT_COMMITTER_NAME: 'Mallory',
  GIT_COMMITTER_EMAIL: 'mallory@example.com',
};

export interface RawCommit {
  /** Entries of its root, in place of the branch's own; `undefined` is the id of the branch's folder. */
  entries?: { mode: string; name: string; content: string | undefined }[];
  message?: string;
}

/** Pushes a commit as no client makes it, which the forge accepts; its parent is the branch's head, or that of main. */
export async function pushRaw(
  repository: TestRepository,
  branch: string,
  { entries, message = 'raw' }: RawCommit,
): Promise<string> {
  const dir = await temporaryFolder();
  const { url, token } = sandbox().forge.github;
  const header = `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const git = async (...args: string[]) =>
    (await exec('git', ['-c', `http.extraHeader=${header}`, ...args], { cwd: dir, env })).stdout.trim();
  const file = async (name: string, content: string | Buffer) => {
    await writeFile(join(dir, name), content);
    return name;
  };
  await git('clone', '--quiet', '--bare', `${url}/${repository.name}.git`, '.');
  const parent = await git('rev-parse', branch).catch(() => git('rev-parse', 'main'));
  const own = await git('rev-parse', `${parent}^{tree}`);
  const parts: Buffer[] = [];
  for (const { mode, name, content } of entries ?? []) {
    const id = content === undefined ? own : await git('hash-object', '-w', await file('blob', content));
    parts.push(Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex'));
  }
  const raw = await file('tree', Buffer.concat(parts));
  const tree = entries ? await git('hash-object', '-t', 'tree', '-w', '--literally', raw) : own;
  const text = await file('message', message);
  const commit = await git('commit-tree', '-p', parent, '-F', text, tree);
  await git('push', '--quiet', 'origin', `${commit}:refs/heads/${branch}`);
  return commit;
}
