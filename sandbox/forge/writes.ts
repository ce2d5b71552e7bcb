import { now } from './clock.ts';
import type { Context } from './context.ts';
import { ForgeFailure, notFound } from './failure.ts';
import { writeCommit } from './git/commit.ts';
import { readBranch, readRef, resolveCommit, updateRef } from './git/refs.ts';
import { git, ZERO_SHA } from './git/run.ts';
import type { Committed, NewCommit, NewTag, RefChange } from './protocol.ts';
import { preparePush } from './push.ts';
import type { Repository } from './state.ts';

const announceChange = async (
  context: Context,
  repository: Repository,
  change: RefChange,
  receivedAt: number,
): Promise<number> => {
  const announce = await preparePush(context, repository, { refs: [change], receivedAt, via: 'api' });
  const at = now();
  announce(at);
  return at;
};

/** Commits files to a branch, which starts from the default branch if it is new, and sends webhooks as for a push. */
export const commitFiles = (
  context: Context,
  repository: Repository,
  branch: string,
  commit: NewCommit,
): Promise<Committed> =>
  repository.write(async () => {
    const receivedAt = now();
    const before = await readBranch(repository.dir, branch);
    const parent = before ?? (await readBranch(repository.dir, repository.defaultBranch));
    const ref = `refs/heads/${branch}`;
    const sha = await writeCommit(repository.dir, ref, parent, commit);
    const change = { ref, before: before ?? ZERO_SHA, after: sha };
    const at = await announceChange(context, repository, change, receivedAt);
    return { sha, before, at };
  });

/** Moves a ref to any commit, or removes it with 40 zeros: new branches, force pushes and deletions. */
export const moveRef = (
  context: Context,
  repository: Repository,
  ref: string,
  after: string,
): Promise<Committed> =>
  repository.write(async () => {
    const receivedAt = now();
    const before = await readRef(repository.dir, ref);
    if (before === null && after === ZERO_SHA) throw notFound();
    await updateRef(repository.dir, ref, after);
    const at = await announceChange(
      context,
      repository,
      { ref, before: before ?? ZERO_SHA, after },
      receivedAt,
    );
    return { sha: after, before, at };
  });

/** The commit that a caller names, or the head of the default branch. */
export const commitOrDefault = async (repository: Repository, sha: string | undefined): Promise<string> => {
  const found = await resolveCommit(repository.dir, sha ?? `refs/heads/${repository.defaultBranch}`);
  if (found === null) throw new ForgeFailure(422, `No commit ${sha ?? repository.defaultBranch}`);
  return found;
};

/** Creates a tag, annotated if it has a message. */
export const createTag = async (
  context: Context,
  repository: Repository,
  name: string,
  tag: NewTag,
): Promise<Committed> => {
  const commit = await commitOrDefault(repository, tag.sha);
  if (tag.message === undefined) return moveRef(context, repository, `refs/tags/${name}`, commit);
  const stamp = `Dana Developer <dana@example.com> ${Math.floor(Date.now() / 1000)} +0000`;
  const input = `object ${commit}\ntype commit\ntag ${name}\ntagger ${stamp}\n\n${tag.message}\n`;
  const object = (await git(repository.dir, ['mktag'], { input })).trim();
  return moveRef(context, repository, `refs/tags/${name}`, object);
};
