import type { Release } from '../model/release.ts';
import type { ClusterRun } from '../ports/cluster.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt.ts';
import { describeKept } from './describe-prune.ts';
import { nextRecord } from './parent-record.ts';
import type { ReleasePorts } from './ports.ts';
import { pruneGuarded } from './prune.ts';
import { successorsOf } from './successors.ts';

/**
 * The release of a target that slipway.yaml no longer has: what other targets have not taken over is deleted once a
 * person has confirmed it, and then its parent, unless something is kept. Until then nothing is deleted; the
 * inventory shrinks to what is left.
 */
export async function removeTarget(
  work: Attempt,
  run: ClusterRun,
  release: Release,
  waiting: AbortSignal,
  ports: ReleasePorts,
): Promise<ReleaseEnd> {
  const { unready, doubts, successors } = await successorsOf(work.target, ports);
  if (unready) return { state: 'blocked', ...unready };
  work.clock.start('pruning');
  const waits = { signal: waiting, aside: <T>(wait: () => Promise<T>) => wait() };
  const { mirrors } = ports;
  const { changes, unfinished, ...left } = await pruneGuarded(work, run, [], {
    mirrors,
    waits,
    whole: { doubts },
  });
  const isOver = !left.held && !unfinished;
  const record = isOver ? nextRecord(run.record, release, 'succeeded', new Date()) : run.record;
  const forgotten = await run.forget(record, work.lease.checkLease);
  const words = isOver && !forgotten ? describeKept(work.target, changes) : left;
  const reason = why(successors, words.reason, changes.length > 0);
  const end = { ...left, ...words, reason, changeSet: { changes } };
  if (!unfinished) return { ...end, state: 'succeeded', forgotten };
  // A later commit moves other targets: the sweep comes back to what is only on its way.
  return { ...end, state: changes.some(({ action }) => action === 'failed') ? 'failed' : 'blocked' };
}

/** `moved to loans@production`, or why something of it was deleted, held or kept. */
function why(successors: string[], reason: string | undefined, isRest: boolean): string {
  const moved = successors.length > 0 ? `moved to ${successors.join(', ')}` : undefined;
  if (moved && !isRest) return moved;
  return ['no longer in slipway.yaml', reason, moved && `the rest ${moved}`].filter(Boolean).join('; ');
}
