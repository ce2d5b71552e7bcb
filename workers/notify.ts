import { toSlipwayError } from '../src/errors.ts';
import { splitRepository } from '../src/model/target.ts';
import { notify } from '../src/notify/notify.ts';
import type { Parts } from '../src/parts/parts.ts';
import { startWorker } from '../src/queue/worker.ts';
import type { Service } from './runtime.ts';

const CONCURRENCY = 16;

/** Writes the answers to the forges; a forge that is down or asks for a pause delays them and nothing else. */
export function startNotifyWorker(parts: Parts): Service {
  const { config, log, pauses, metrics } = parts;
  return startWorker({
    name: 'notify',
    connection: parts.redis,
    prefix: config.redis.prefix,
    concurrency: CONCURRENCY,
    log,
    holdMs: ({ repository }) => pauses.remaining(splitRepository(repository).forge),
    async run(key, signal) {
      const { forge } = splitRepository(key.repository);
      try {
        await notify(key, parts, signal);
        metrics.answers.inc({ forge, result: 'sent' });
      } catch (error) {
        const { retryAfterMs } = toSlipwayError(error);
        if (retryAfterMs !== undefined) await pauses.set(forge, retryAfterMs);
        metrics.answers.inc({ forge, result: 'failed' });
        throw error;
      }
    },
  });
}
