import type { ChangeSet } from '../model/change-set.ts';
import type { RenderedObject } from '../model/object.ts';
import type { ClusterRun, PruneOptions, Waits } from '../ports/cluster.ts';
import type { Mirrors } from '../ports/git.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt-state.ts';
import { isConfirmed } from './confirm-prune.ts';
import { heldNotice, leftEnd, pausedNotice } from './prune-notices.ts';

export interface Pruned extends ChangeSet, Pick<ReleaseEnd, 'held' | 'unfinished' | 'notices'> {}

interface Pruning {
  mirrors: Mirrors;
  /** How it is waited for what has been deleted. */
  waits: Waits;
  /**
   * For a target that is to go: while it is in doubt whether another takes over its objects, a message alone deletes
   * nothing.
   */
  whole?: { doubts: string[] } | undefined;
}

/**
 * Prunes, and where that would delete more than the target's share, asks whether a person has confirmed it: with
 * the deploy that was asked for by hand, or in the message of a commit since the target last ran as desired. An older
 * one was written by somebody who could not see what would go.
 */
export async function pruneGuarded(
  { target, desired, lease }: Attempt,
  run: ClusterRun,
  objects: RenderedObject[],
  { mirrors, waits, whole }: Pruning,
): Promise<Pruned> {
  const { signal, checkLease } = lease;
  const options: PruneOptions = { signal, checkLease, waits, whole: whole !== undefined };
  const prune = async (confirmed: boolean): Promise<Pruned> => {
    const { changes } = await run.prune(objects, { ...options, confirmed });
    return { changes, ...leftEnd(changes) };
  };
  const first = await prune(desired.cause.confirmPrune === true);
  const held = first.changes.filter((change) => change.held);
  if (held.length === 0) return first;
  const messages = await mirrors.open(target.repository).messages(desired.commit, desired.since);
  if (!isConfirmed(messages, target)) return { ...first, held: true, notices: [heldNotice(target, held)] };
  const [doubt] = whole?.doubts ?? [];
  if (doubt === undefined) return prune(true);
  return { ...first, held: true, notices: [pausedNotice(target, held, doubt)] };
}
