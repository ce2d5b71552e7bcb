import type { Release } from '../model/release.ts';
import type { ClusterRun } from '../ports/cluster.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt.ts';
import { outlookOf } from './outlook.ts';
import { nextRecord } from './parent-record.ts';
import type { ReleasePorts } from './ports.ts';
import { pruneGuarded } from './prune.ts';

/**
 * The release of a target that slipway.yaml no longer has: what other targets have not taken over is deleted once a
 * person has confirmed it, and then its parent, unless something is kept. Until then nothing is deleted; the
 * inventory shrinks to what is left.
 */
export async function removeTarget(
  work: Attempt,
  run: ClusterRun,
  release: Release,
  ports: ReleasePorts,
): Promise<ReleaseEnd> {
  const { unready, doubts, heirs } = await outlookOf(work.target, ports);
  if (unready) return { state: 'blocked', ...unready };
  work.clock.start('pruning');
  const { changes, reason, ...held } = await pruneGuarded(work, run, [], ports.mirrors, { doubts });
  const end = { ...held, changeSet: { changes } };
  const stuck = changes.find(({ action }) => action === 'failed');
  if (stuck) return { ...end, state: 'failed', reason };
  const record = held.held ? run.record : nextRecord(run.record, release, 'succeeded', new Date());
  const forgotten = await run.forget(record, work.turn.fence);
  return { ...end, state: 'succeeded', reason: why(heirs, reason, changes.length > 0), forgotten };
}

/** `moved to loans@production`, or why something of it was deleted, held or kept. */
function why(heirs: string[], reason: string | undefined, isRest: boolean): string {
  const moved = heirs.length > 0 ? `moved to ${heirs.join(', ')}` : undefined;
  if (moved && !isRest) return moved;
  return ['no longer in slipway.yaml', reason, moved && `the rest ${moved}`].filter(Boolean).join('; ');
}
