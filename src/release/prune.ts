import type { ChangeSet } from '../model/change-set.ts';
import type { Notice } from '../model/notice.ts';
import { type RenderedObject, refKey } from '../model/object.ts';
import type { ClusterRun, PruneOptions, Waits } from '../ports/cluster.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt-state.ts';
import { isConfirmed } from './confirm-prune.ts';
import { findLeftObjects, type LeftObject, leftNotices, noticeOf } from './left-objects.ts';
import type { ReleasePorts } from './ports.ts';
import { heldNotice, pausedNotice, undeletedEnd } from './prune-notices.ts';

export interface Pruned extends ChangeSet, Pick<ReleaseEnd, 'held' | 'unfinished' | 'notices'> {
  /** Objects are left on the cluster for other targets, so the next commit is released even if its content is equal. */
  left?: boolean;
}

interface Pruning {
  ports: ReleasePorts;
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
  work: Attempt,
  run: ClusterRun,
  objects: RenderedObject[],
  { ports, waits, removal }: Pruning,
): Promise<Pruned> {
  const { target, desired } = work;
  const { signal, checkLease } = work.lease;
  let left: LeftObject[] = [];
  const leftFor: PruneOptions['leftFor'] = async (candidates) => {
    left = await findLeftObjects(work, run, candidates, ports);
    return new Map(left.map((one) => [refKey(one.object), noticeOf(target, one)]));
  };
  const options: PruneOptions = { signal, checkLease, waits, whole: removal !== undefined, leftFor };
  const prune = async (confirmed: boolean): Promise<Pruned> => {
    const { changes } = await run.prune(objects, { ...options, confirmed });
    const end = undeletedEnd(changes);
    if (left.length === 0) return { changes, ...end };
    return { changes, ...end, left: true, notices: [...(end.notices ?? []), ...leftNotices(target, left)] };
  };
  const first = await prune(desired.cause.confirmPrune === true);
  const held = first.changes.filter((change) => change.held);
  if (held.length === 0) return first;
  const heldBy = (notice: Notice): Pruned => ({
    ...first,
    held: true,
    notices: [notice, ...leftNotices(target, left)],
  });
  const messages = await ports.mirrors.open(target.repository).messages(desired.commit, desired.since);
  if (!isConfirmed(messages, target)) return heldBy(heldNotice(target, held));
  const [doubt] = removal?.doubts ?? [];
  return doubt === undefined ? prune(true) : heldBy(pausedNotice(target, held, doubt));
}
