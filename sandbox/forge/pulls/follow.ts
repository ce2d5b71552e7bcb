import { now } from '../clock.ts';
import type { Context } from '../context.ts';
import { pullEvent } from '../events.ts';
import { commitsBetween, isAncestor } from '../git/history.ts';
import { updateRef } from '../git/refs.ts';
import { ZERO_SHA } from '../git/run.ts';
import type { Outgoing } from '../hooks/sender.ts';
import type { PushFacts } from '../push-facts.ts';
import type { PullRecord, Repository } from '../state.ts';

/** The ref under which each forge offers a pull request's head. */
export const pullRef = (repository: Repository, number: number): string =>
  repository.face === 'github' ? `refs/pull/${number}/head` : `refs/merge-requests/${number}/head`;

const headMoved = async (
  context: Context,
  repository: Repository,
  pull: PullRecord,
  facts: PushFacts,
): Promise<Outgoing> => {
  pull.updatedAt = now();
  if (facts.after === ZERO_SHA) {
    pull.state = 'closed';
    pull.closedAt = pull.updatedAt;
    return pullEvent(context, repository, pull, 'closed');
  }
  const before = pull.headSha;
  pull.headSha = facts.after;
  await updateRef(repository.dir, pullRef(repository, pull.number), facts.after);
  return pullEvent(context, repository, pull, 'updated', before);
};

/** Both forges close a pull request as merged when somebody pushes its commits to the base by hand. */
const baseMoved = async (
  context: Context,
  repository: Repository,
  pull: PullRecord,
  facts: PushFacts,
): Promise<Outgoing | null> => {
  if (facts.after === ZERO_SHA || !(await isAncestor(repository.dir, pull.headSha, facts.after))) return null;
  pull.broughtShas = await commitsBetween(repository.dir, pull.baseSha, pull.headSha);
  pull.state = 'merged';
  pull.mergeCommitSha = facts.after;
  pull.mergedAt = now();
  pull.closedAt = pull.mergedAt;
  pull.updatedAt = pull.mergedAt;
  return pullEvent(context, repository, pull, 'merged');
};

/** Updates the open pull requests of the branches that a push moved, and returns the events of the forge about them. */
export const followPush = async (
  context: Context,
  repository: Repository,
  pushed: readonly PushFacts[],
): Promise<Outgoing[]> => {
  const events: Outgoing[] = [];
  for (const facts of pushed.filter(({ kind }) => kind === 'branch')) {
    const open = [...repository.pulls.values()].filter((pull) => pull.state === 'open');
    for (const pull of open) {
      if (pull.head === facts.name) events.push(await headMoved(context, repository, pull, facts));
      if (pull.base !== facts.name) continue;
      const merged = await baseMoved(context, repository, pull, facts);
      if (merged !== null) events.push(merged);
    }
  }
  return events;
};
