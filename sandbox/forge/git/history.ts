import type { Person } from '../protocol.ts';
import { git } from './run.ts';

export interface CommitRecord {
  sha: string;
  tree: string;
  parents: string[];
  author: Person & { date: string };
  committer: Person & { date: string };
  message: string;
  added: string[];
  modified: string[];
  removed: string[];
}

const FORMAT = '%x1e%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%aI%x1f%cn%x1f%ce%x1f%cI%x1f%B%x1f';

const parseCommit = (text: string): CommitRecord => {
  const fields = text.split('\x1f');
  const field = (index: number): string => fields[index] ?? '';
  const changes = field(10)
    .split('\n')
    .filter((line) => line.includes('\t'));
  const paths = (letters: string): string[] =>
    changes
      .filter((line) => letters.includes(line.charAt(0)))
      .map((line) => line.slice(line.indexOf('\t') + 1));
  return {
    sha: field(0),
    tree: field(1),
    parents: field(2)
      .split(' ')
      .filter((sha) => sha !== ''),
    author: { name: field(3), email: field(4), date: field(5) },
    committer: { name: field(6), email: field(7), date: field(8) },
    message: field(9).trimEnd(),
    added: paths('A'),
    modified: paths('MT'),
    removed: paths('D'),
  };
};

/** Commits with the files that each changed against its first parent, newest first, as `git log` selects them. */
export const readHistory = async (dir: string, selection: readonly string[]): Promise<CommitRecord[]> => {
  const out = await git(dir, [
    '-c',
    'core.quotePath=false',
    'log',
    `--format=${FORMAT}`,
    '--name-status',
    '--no-renames',
    '--diff-merges=first-parent',
    '--root',
    ...selection,
    '--',
  ]);
  return out.split('\x1e').slice(1).map(parseCommit);
};

export const readCommit = async (dir: string, sha: string): Promise<CommitRecord | null> => {
  const [commit] = await readHistory(dir, ['-1', sha]).catch(() => []);
  return commit ?? null;
};

export const isAncestor = (dir: string, ancestor: string, descendant: string): Promise<boolean> =>
  git(dir, ['merge-base', '--is-ancestor', ancestor, descendant]).then(
    () => true,
    () => false,
  );

/** The commits that `head` has and `base` lacks, oldest first. */
export const commitsBetween = async (dir: string, base: string, head: string): Promise<string[]> => {
  const out = await git(dir, ['rev-list', '--reverse', head, `^${base}`]);
  return out.split('\n').filter((sha) => sha !== '');
};
