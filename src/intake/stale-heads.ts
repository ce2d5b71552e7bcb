import { toSlipwayError } from '../errors.ts';
import type { RepositoryId } from '../model/target.ts';
import type { WaitingDelivery } from '../ports/deliveries.ts';
import type { Mirror } from '../ports/git.ts';
import { branchOf } from './end-deliveries.ts';
import type { BranchFinding } from './finding.ts';
import type { IntakePorts } from './ports.ts';

/** After this time, a head that Git does not show counts as replaced by a force push. */
const PATIENCE_MS = 10_000;

/**
 * Deliveries that announce a descendant of the head that Git showed. A forge's webhook may leave before all of its
 * Git servers have the push; a force push back to an older commit looks the same until its own webhook comes.
 */
export async function announcedAhead(
  repository: RepositoryId,
  waiting: WaitingDelivery[],
  findings: BranchFinding[],
  { mirrors }: IntakePorts,
  signal: AbortSignal,
): Promise<WaitingDelivery[]> {
  const mirror = mirrors.open(repository);
  const ahead: WaitingDelivery[] = [];
  for (const { branch, commit } of findings) {
    const about = waiting.filter(({ ref }) => branchOf(ref) === branch);
    if (about.some((delivery) => delivery.commit === commit)) continue;
    for (const delivery of about) {
      if (delivery.kind !== 'webhook' || delivery.waitedMs > PATIENCE_MS) continue;
      if (delivery.commit && (await isDescendant(mirror, delivery.commit, commit, signal))) {
        ahead.push(delivery);
      }
    }
  }
  return ahead;
}

async function isDescendant(
  mirror: Mirror,
  commit: string,
  head: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await mirror.ensure(commit, signal);
    return await mirror.isAncestor(head, commit);
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw known;
    return false;
  }
}
