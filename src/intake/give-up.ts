import type { SlipwayError } from '../errors.ts';
import type { RepositoryId } from '../model/target.ts';
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
  return newest ? `${newest.id} ${newest.repeats}` : '';
}

/** Ends everything that waits for a look at the repository, without looking. */
export async function giveUp(
  repository: RepositoryId,
  error: SlipwayError,
  ports: Pick<IntakePorts, 'deliveries' | 'repositories' | 'log'>,
): Promise<void> {
  const [waiting, requestedAt] = await Promise.all([
    ports.deliveries.claim(repository),
    ports.repositories.lookRequestedAt(repository),
  ]);
  if (waiting.length > 0) await failDeliveries(repository, waiting, error, ports);
  await ports.repositories.settleLook(repository, requestedAt);
}
