import type { Target, TargetId } from '../model/target.ts';
import type { Lease } from '../ports/releases.ts';
import type { ReleasePorts } from './ports.ts';

/**
 * Gives the targets that lost objects to this release a new desired revision, so that they review what they have left.
 * Called before the end of the release is recorded: if the process crashes before it enqueues them, the sweep does.
 */
export async function requeueOwners(
  owners: TargetId[],
  { desired }: Pick<ReleasePorts, 'desired'>,
): Promise<void> {
  for (const owner of owners) await desired.again(owner);
}

/**
 * Called after the end of the release is recorded, so that the owners see that it has ended. Owners have their objects
 * on the successor's cluster.
 */
export async function enqueueOwners(
  { id, cluster }: Target,
  owners: TargetId[],
  { fencingToken }: Pick<Lease, 'fencingToken'>,
  { wakeUps, successors }: Pick<ReleasePorts, 'wakeUps' | 'successors'>,
): Promise<void> {
  if (owners.length === 0) return;
  await wakeUps.enqueueDeploys(owners.map((target) => ({ target, cluster, index: 0 })));
  await successors.settled({ target: id, fencingToken }, owners);
}
