import type { ObjectChange } from '../model/change-set.ts';
import type { Notice } from '../model/notice.ts';
import type { Release } from '../model/release.ts';
import type { ClusterRun } from '../ports/cluster.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt-state.ts';
import { nextRecord } from './parent-record.ts';
import type { ReleasePorts } from './ports.ts';
import { pruneGuarded } from './prune.ts';
import { keptNotices } from './prune-notices.ts';
import { failureOf, withMoreObjects } from './refusal.ts';
import { successorsOf } from './successors.ts';

/**
 * Removes a target that slipway.yaml no longer has. Once a person has confirmed it, the objects that no other target has
 * taken over are deleted, then the ApplySet parent, unless objects are kept. Until then nothing is deleted, and the
 * inventory shrinks to the objects that are left.
 */
export async function removeTarget(
  work: Attempt,
  run: ClusterRun,
  release: Release,
  waiting: AbortSignal,
  ports: ReleasePorts,
): Promise<ReleaseEnd> {
  const { unready, doubts, successors } = await successorsOf(work.target, ports);
  if (unready) return { state: 'blocked', notices: [unready] };
  work.clock.start('pruning');
  const waits = { signal: waiting, withoutPermit: <T>(wait: () => Promise<T>) => wait() };
  const pruned = await pruneGuarded(work, run, [], { ports, waits, removal: { doubts } });
  const { changes, unfinished, notices } = pruned;
  const held = pruned.held || pruned.left;
  const isOver = !held && !unfinished;
  const record = isOver ? nextRecord(run.record, release, 'succeeded', new Date()) : run.record;
  const forgotten = await run.forget(record, work.lease.checkLease);
  const left = isOver && !forgotten ? keptNotices(work.target, changes) : notices;
  const end = {
    held,
    unfinished,
    notices: removalNotices(successors, left, changes),
    changeSet: { changes },
  };
  if (!unfinished) return { ...end, state: 'succeeded', forgotten };
  const [failed, ...others] = changes.filter(({ action }) => action === 'failed');
  // No later commit moves a removed target, so the sweep has to enqueue it until its objects are gone.
  if (!failed) return { ...end, state: 'blocked' };
  return { ...end, state: 'failed', failure: withMoreObjects(failureOf(failed), others.length) };
}

/** Names the targets that took objects over, and why the other objects were deleted, held or kept. */
function removalNotices(successors: string[], left: Notice[] = [], changes: ObjectChange[]): Notice[] {
  const to = `moved to ${successors.join(', ')}`;
  if (successors.length > 0 && changes.length === 0) return [{ kind: 'moved', summary: to }];
  const moved: Notice[] = successors.length > 0 ? [{ kind: 'moved', summary: `the rest ${to}` }] : [];
  return [{ kind: 'removed', summary: 'no longer in slipway.yaml' }, ...left, ...moved];
}
