import type { Composition } from '../src/composition/composition.ts';
import { toSlipwayError } from '../src/errors.ts';
import { splitRepository } from '../src/model/target.ts';
import { notify } from '../src/notifications/commit-status/notify.ts';
import { startWorker } from '../src/queue/worker.ts';
import type { Service } from './runtime.ts';

const CONCURRENCY = 16;

/** Writes the answers to the forges; a forge that is down or asks for a pause delays them and nothing else. */
export function startNotifyWorker(composition: Composition): Service {
  const { config, log, pauses, metrics } = composition;
  return startWorker({
    name: 'notify',
    connection: composition.redis,
    prefix: config.redis.prefix,
    concurrency: CONCURRENCY,
    log,
    holdMs: ({ repository }) => pauses.remaining(splitRepository(repository).forge),
    async run(key, signal) {
      const { forge } = splitRepository(key.repository);
      try {
        await notify(key, composition, signal);
        metrics.responses.inc({ forge, result: 'sent' });
      } catch (error) {
        const { retryAfterMs } = toSlipwayError(error);
        if (retryAfterMs !== undefined) await pauses.set(forge, retryAfterMs);
        metrics.responses.inc({ forge, result: 'failed' });
        throw error;
      }
    },
  });
}
