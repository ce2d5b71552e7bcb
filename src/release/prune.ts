import type { ChangeSet } from '../model/change-set.ts';
import type { RenderedObject } from '../model/object.ts';
import type { ClusterRun, PruneOptions, Waits } from '../ports/cluster.ts';
import type { Mirrors } from '../ports/git.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt-state.ts';
import { isConfirmed } from './confirm-prune.ts';
import { heldNotice, pausedNotice, undeletedEnd } from './prune-notices.ts';

export interface Pruned extends ChangeSet, Pick<ReleaseEnd, 'held' | 'unfinished' | 'notices'> {}

interface Pruning {
  mirrors: Mirrors;
  /** How the prune waits until deleted objects are gone. */
  waits: Waits;
  /**
   * Set if the target is being removed. While a successor may still take over objects (`doubts`), a commit message
   * does not confirm the prune; only a manual deploy does.
   */
  removal?: { doubts: string[] } | undefined;
}

/**
 * Prunes. If that would delete more than the target's share, a person has to confirm it: with a manual deploy, or in the
 * message of a commit since the target last ran as desired. The authors of older commits could not know what would be
 * deleted.
 */
export async function pruneGuarded(
  { target, desired, lease }: Attempt,
  run: ClusterRun,
  objects: RenderedObject[],
  { mirrors, waits, removal }: Pruning,
): Promise<Pruned> {
  const { signal, checkLease } = lease;
  const options: PruneOptions = { signal, checkLease, waits, whole: removal !== undefined };
  const prune = async (confirmed: boolean): Promise<Pruned> => {
    const { changes } = await run.prune(objects, { ...options, confirmed });
    return { changes, ...undeletedEnd(changes) };
  };
  const first = await prune(desired.cause.confirmPrune === true);
  const held = first.changes.filter((change) => change.held);
  if (held.length === 0) return first;
  const messages = await mirrors.open(target.repository).messages(desired.commit, desired.since);
  if (!isConfirmed(messages, target)) return { ...first, held: true, notices: [heldNotice(target, held)] };
  const [doubt] = removal?.doubts ?? [];
  if (doubt === undefined) return prune(true);
  return { ...first, held: true, notices: [pausedNotice(target, held, doubt)] };
}
