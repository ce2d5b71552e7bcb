import type { Release } from '../model/release.ts';
import type { ClusterRun } from '../ports/cluster.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt.ts';
import { nextRecord } from './parent-record.ts';
import type { ReleasePorts } from './ports.ts';
import { pruneGuarded } from './prune.ts';
import { about } from './refusal.ts';

/**
 * The release of a target that slipway.yaml no longer has: everything of it is deleted once a person has confirmed
 * it, and then its parent, unless something is kept. Until then nothing changes.
 */
export async function removeTarget(
  work: Attempt,
  run: ClusterRun,
  release: Release,
  ports: ReleasePorts,
): Promise<ReleaseEnd> {
  work.clock.start('pruning');
  const { changes, reason, ...held } = await pruneGuarded(work, run, [], ports.mirrors, true);
  const why = ['no longer in slipway.yaml', reason].filter(Boolean).join('; ');
  const end = { reason: why, ...held, changeSet: { changes } };
  const stuck = changes.find(({ action }) => action === 'failed');
  if (stuck) {
    return { ...end, state: 'failed', reason: about(work.target, stuck.ref, stuck.reason ?? 'refused') };
  }
  if (!held.held) {
    await run.forget(nextRecord(run.record, release, 'succeeded', new Date()), work.turn.fence);
  }
  return { ...end, state: 'succeeded' };
}
