import type { TargetId } from '../model/target.ts';
import type { ReleasePorts } from './ports.ts';

/**
 * Called before a release that took objects over says its end: the targets it took them from look again at what they
 * have left. Desired first, so that the sweep finds them if the process dies before it enqueues them.
 */
export async function requeueOwners(
  owners: TargetId[],
  { desired }: Pick<ReleasePorts, 'desired'>,
): Promise<void> {
  for (const owner of owners) await desired.again(owner);
}

/** Called after it: whoever waited for this end finds it ended. */
export async function enqueueOwners(
  successor: TargetId,
  owners: TargetId[],
  { wakeUps, successors }: Pick<ReleasePorts, 'wakeUps' | 'successors'>,
): Promise<void> {
  if (owners.length === 0) return;
  await wakeUps.enqueueDeploys(owners.map((target) => ({ target, index: 0 })));
  await successors.settled(successor, owners);
}
