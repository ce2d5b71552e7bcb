import { now } from '../clock.ts';
import type { Context } from '../context.ts';
import { pullEvent } from '../events.ts';
import { ForgeFailure, notFound } from '../failure.ts';
import { readBranch, updateRef } from '../git/refs.ts';
import { git } from '../git/run.ts';
import type { NewPull, Pull } from '../protocol.ts';
import type { PullRecord, Repository } from '../state.ts';
import { pullRef } from './follow.ts';

export const findPull = (repository: Repository, number: number): PullRecord => {
  const pull = repository.pulls.get(number);
  if (pull === undefined) throw notFound();
  return pull;
};

/** The part of a pull request that the admin interface shows. */
export const pullSummary = (pull: PullRecord): Pull => ({
  number: pull.number,
  title: pull.title,
  state: pull.state,
  head: pull.head,
  base: pull.base,
  headSha: pull.headSha,
  baseSha: pull.baseSha,
  mergeCommitSha: pull.mergeCommitSha,
});

/** Opens a pull request between two branches of one repository. */
export const openPull = async (
  context: Context,
  repository: Repository,
  wanted: NewPull,
): Promise<PullRecord> => {
  const base = wanted.base ?? repository.defaultBranch;
  const headSha = await readBranch(repository.dir, wanted.head);
  const baseTip = await readBranch(repository.dir, base);
  if (headSha === null || baseTip === null) {
    throw new ForgeFailure(422, `Validation Failed: no branch ${headSha === null ? wanted.head : base}`);
  }
  const baseSha = (await git(repository.dir, ['merge-base', baseTip, headSha])).trim();
  if (baseSha === headSha)
    throw new ForgeFailure(422, `Validation Failed: No commits between ${base} and ${wanted.head}`);
  const at = now();
  repository.lastNumber += 1;
  const pull: PullRecord = {
    id: context.state.nextId(),
    number: repository.lastNumber,
    title: wanted.title,
    body: wanted.body ?? null,
    state: 'open',
    head: wanted.head,
    base,
    headSha,
    baseSha: baseTip,
    mergeCommitSha: null,
    squashCommitSha: null,
    mergeMethod: null,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    mergedAt: null,
    broughtShas: [],
  };
  repository.pulls.set(pull.number, pull);
  await updateRef(repository.dir, pullRef(repository, pull.number), headSha);
  context.sender.send(repository, pullEvent(context, repository, pull, 'opened'), null);
  return pull;
};

/** Closes a pull request without merging it. */
export const closePull = (context: Context, repository: Repository, pull: PullRecord): void => {
  if (pull.state !== 'open') throw new ForgeFailure(422, 'Validation Failed: the pull request is not open');
  pull.state = 'closed';
  pull.closedAt = now();
  pull.updatedAt = pull.closedAt;
  context.sender.send(repository, pullEvent(context, repository, pull, 'closed'), null);
};
