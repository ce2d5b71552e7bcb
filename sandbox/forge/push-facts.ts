import { type CommitRecord, readCommit, readHistory } from './git/history.ts';
import { resolveCommit } from './git/refs.ts';
import { ZERO_SHA } from './git/run.ts';
import type { RefChange } from './protocol.ts';
import type { Repository } from './state.ts';

/** One changed ref, with the facts that both forges report about it. */
export interface PushFacts extends RefChange {
  kind: 'branch' | 'tag';
  /** The ref without `refs/heads/` or `refs/tags/`. */
  name: string;
  /** Commits that the ref did not have before, oldest first. */
  commits: CommitRecord[];
  /** The commit that the ref points at now; null when it is deleted. */
  head: CommitRecord | null;
  /** Whether the old head is no ancestor of the new one. */
  forced: boolean;
}

const branchFacts = async (repository: Repository, change: RefChange, name: string): Promise<PushFacts> => {
  const created = change.before === ZERO_SHA;
  const selection = created
    ? [change.after, '--not', `--exclude=${name}`, '--branches']
    : [change.after, `^${change.before}`];
  const commits = await readHistory(repository.dir, selection);
  const head = commits[0] ?? (await readCommit(repository.dir, change.after));
  const builtOn = commits.some((commit) => commit.parents.includes(change.before));
  return { ...change, kind: 'branch', name, commits: commits.reverse(), head, forced: !created && !builtOn };
};

const tagFacts = async (repository: Repository, change: RefChange, name: string): Promise<PushFacts> => {
  const sha = await resolveCommit(repository.dir, change.after);
  const head = sha === null ? null : await readCommit(repository.dir, sha);
  return { ...change, kind: 'tag', name, commits: [], head, forced: change.before !== ZERO_SHA };
};

/** Null for a ref that is neither a branch nor a tag: the forges send nothing about those. */
export const readPushFacts = async (repository: Repository, change: RefChange): Promise<PushFacts | null> => {
  const [, folder = '', name = ''] = /^refs\/(heads|tags)\/(.+)$/.exec(change.ref) ?? [];
  if (name === '') return null;
  const kind = folder === 'heads' ? 'branch' : 'tag';
  if (change.after === ZERO_SHA) return { ...change, kind, name, commits: [], head: null, forced: false };
  return kind === 'branch' ? branchFacts(repository, change, name) : tagFacts(repository, change, name);
};
