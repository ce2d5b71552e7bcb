import { ForgeFailure } from '../failure.ts';
import type { Person } from '../protocol.ts';
import { GitError, git } from './run.ts';

const identity = (author: Person, committer: Person = author): Record<string, string> => ({
  GIT_AUTHOR_NAME: author.name,
  GIT_AUTHOR_EMAIL: author.email,
  GIT_COMMITTER_NAME: committer.name,
  GIT_COMMITTER_EMAIL: committer.email,
});

/** Writes a commit object; no ref moves. */
export const commitTree = async (
  dir: string,
  tree: string,
  parents: readonly string[],
  message: string,
  env: Record<string, string>,
): Promise<string> => {
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])];
  return (await git(dir, args, { input: message, env })).trim();
};

/** The tree of a merge of two commits. Throws a 405 as GitHub does if they conflict. */
const mergedTree = async (dir: string, ours: string, theirs: string): Promise<string> => {
  try {
    return (await git(dir, ['merge-tree', '--write-tree', ours, theirs])).trim();
  } catch (error) {
    if (error instanceof GitError) throw new ForgeFailure(405, 'Pull Request is not mergeable');
    throw error;
  }
};

export interface MergeInput {
  base: string;
  head: string;
  message: string;
  person: Person;
}

/** A merge commit with both parents. */
export const mergeCommit = async (dir: string, input: MergeInput): Promise<string> => {
  const tree = await mergedTree(dir, input.base, input.head);
  return commitTree(dir, tree, [input.base, input.head], input.message, identity(input.person));
};

/** One commit on the base with all changes of the head. */
export const squashCommit = async (dir: string, input: MergeInput): Promise<string> => {
  const tree = await mergedTree(dir, input.base, input.head);
  return commitTree(dir, tree, [input.base], input.message, identity(input.person));
};

const authorOf = async (dir: string, sha: string): Promise<Record<string, string>> => {
  const out = await git(dir, ['log', '-1', '--format=%an%n%ae%n%aI', sha]);
  const [name = '', email = '', date = ''] = out.split('\n');
  return { ...identity({ name, email }), GIT_AUTHOR_DATE: date };
};

/**
 * One commit put onto another, as `git cherry-pick` does, without a checkout. `merge-tree` before Git 2.40 takes no
 * merge base, so three bare commits are written whose history defines it: the commit's parent below both sides.
 */
const replayCommit = async (dir: string, onto: string, sha: string, committer: Person): Promise<string> => {
  const env = identity(committer);
  const below = await commitTree(dir, `${sha}^^{tree}`, [], 'below', env);
  const ours = await commitTree(dir, `${onto}^{tree}`, [below], 'ours', env);
  const theirs = await commitTree(dir, `${sha}^{tree}`, [below], 'theirs', env);
  const tree = await mergedTree(dir, ours, theirs);
  const message = await git(dir, ['log', '-1', '--format=%B', sha]);
  const author = await authorOf(dir, sha);
  return commitTree(dir, tree, [onto], message.trimEnd(), {
    ...author,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
  });
};

/** Puts the head's own commits one after another on the base, without merges; returns them in that order. */
export const rebaseCommits = async (dir: string, input: MergeInput): Promise<string[]> => {
  const out = await git(dir, ['rev-list', '--reverse', '--no-merges', input.head, `^${input.base}`]);
  const written: string[] = [];
  for (const sha of out.split('\n').filter((line) => line !== '')) {
    written.push(await replayCommit(dir, written.at(-1) ?? input.base, sha, input.person));
  }
  return written;
};
