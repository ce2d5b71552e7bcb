import type { TargetId } from '../model/target.ts';
import type { ReleasePorts } from './ports.ts';

/**
 * Called before a release that took objects over says its end: the targets it took them from look again at what they
 * have left. Desired first, so that the sweep finds them where the process dies before it rings.
 */
export async function tellOwners(
  owners: TargetId[],
  { desired }: Pick<ReleasePorts, 'desired'>,
): Promise<void> {
  for (const owner of owners) await desired.again(owner);
}

/** Called after it: whoever waited for this end finds it ended. */
export async function ringOwners(
  heir: TargetId,
  owners: TargetId[],
  { bells, heirs }: Pick<ReleasePorts, 'bells' | 'heirs'>,
): Promise<void> {
  if (owners.length === 0) return;
  await bells.ringDeploy(owners.map((target) => ({ target, index: 0 })));
  await heirs.settled(heir, owners);
}
