import type { NewCommit, Person } from '../protocol.ts';
import { git } from './run.ts';

export const DEVELOPER: Person = { name: 'Dana Developer', email: 'dana@example.com' };

const quotePath = (path: string): string =>
  /["\n\\]/.test(path)
    ? `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
    : path;

const data = (content: string): string => `data ${Buffer.byteLength(content)}\n${content}\n`;

const fileCommands = (commit: NewCommit): string[] => {
  const executable = new Set(commit.executable ?? []);
  const files = Object.entries(commit.files).map(([path, content]) => {
    if (content === null) return `D ${quotePath(path)}\n`;
    return `M ${executable.has(path) ? '100755' : '100644'} inline ${quotePath(path)}\n${data(content)}`;
  });
  const links = Object.entries(commit.symlinks ?? {}).map(
    ([path, target]) => `M 120000 inline ${quotePath(path)}\n${data(target)}`,
  );
  return [...files, ...links];
};

/**
 * Writes one commit on top of `parent` and moves `ref` to it, with one process and without a checkout.
 * The language is that of `git fast-import` (https://git-scm.com/docs/git-fast-import).
 */
export const writeCommit = async (
  dir: string,
  ref: string,
  parent: string | null,
  commit: NewCommit,
): Promise<string> => {
  const author = commit.author ?? DEVELOPER;
  const stamp = `${author.name} <${author.email}> ${Math.floor(Date.now() / 1000)} +0000`;
  const stream = [
    `commit ${ref}\nmark :1\nauthor ${stamp}\ncommitter ${stamp}\n`,
    data(commit.message ?? 'Change files'),
    parent === null ? '' : `from ${parent}\n`,
    ...fileCommands(commit),
    '\nget-mark :1\n',
  ].join('');
  const out = await git(dir, ['fast-import', '--quiet', '--force'], { input: stream });
  return out.trim();
};
