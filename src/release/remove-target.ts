import type { Release } from '../model/release.ts';
import type { ClusterRun } from '../ports/cluster.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt.ts';
import { outlookOf } from './outlook.ts';
import { nextRecord } from './parent-record.ts';
import type { ReleasePorts } from './ports.ts';
import { pruneGuarded } from './prune.ts';
import { keptWords } from './prune-words.ts';

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
  const { unready, doubts, heirs } = await outlookOf(work.target, ports);
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
  const forgotten = await run.forget(record, work.turn.fence);
  const words = isOver && !forgotten ? keptWords(work.target, changes) : left;
  const reason = why(heirs, words.reason, changes.length > 0);
  const end = { ...left, ...words, reason, changeSet: { changes } };
  if (!unfinished) return { ...end, state: 'succeeded', forgotten };
  // A later commit moves other targets: the sweep comes back to what is only on its way.
  return { ...end, state: changes.some(({ action }) => action === 'failed') ? 'failed' : 'blocked' };
}

/** `moved to loans@production`, or why something of it was deleted, held or kept. */
function why(heirs: string[], reason: string | undefined, isRest: boolean): string {
  const moved = heirs.length > 0 ? `moved to ${heirs.join(', ')}` : undefined;
  if (moved && !isRest) return moved;
  return ['no longer in slipway.yaml', reason, moved && `the rest ${moved}`].filter(Boolean).join('; ');
}
