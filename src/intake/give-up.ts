import type { SlipwayError } from '../errors.ts';
import type { RepositoryId } from '../model/target.ts';
import type { WaitingDelivery } from '../ports/deliveries.ts';
import { failDeliveries } from './end-deliveries.ts';
import type { IntakePorts } from './ports.ts';

/**
 * Names the newest webhook that waits; empty: none. The poll finds the same head again and again, so what it finds does
 * not count as new.
 */
export async function newestWebhook(
  repository: RepositoryId,
  { deliveries }: Pick<IntakePorts, 'deliveries'>,
): Promise<string> {
  const newest = (await deliveries.claim(repository)).findLast(({ kind }) => kind === 'webhook');
  return newest ? nameOf(newest) : '';
}

function nameOf({ id, repeats }: WaitingDelivery): string {
  return `${id} ${repeats}`;
}

/**
 * Ends what waits for a look at the repository, without looking. A webhook that is newer than what was `tried` came after
 * the verdict: it has a wake-up of its own, and is tried.
 */
export async function giveUp(
  repository: RepositoryId,
  error: SlipwayError,
  tried: string,
  ports: Pick<IntakePorts, 'deliveries' | 'repositories' | 'log'>,
): Promise<void> {
  const [waiting, requestedAt] = await Promise.all([
    ports.deliveries.claim(repository),
    ports.repositories.lookRequestedAt(repository),
  ]);
  const last = waiting.findIndex((delivery) => nameOf(delivery) === tried);
  const over = waiting.filter(({ kind }, index) => kind !== 'webhook' || index <= last);
  if (over.length > 0) await failDeliveries(repository, over, error, ports);
  await ports.repositories.settleLook(repository, requestedAt);
}
