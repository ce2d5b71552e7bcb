import type { Parts } from '../src/parts/parts.ts';
import { createTurns } from '../src/queue/turns.ts';
import { startWorker } from '../src/queue/worker.ts';
import { deploy } from '../src/release/deploy.ts';
import type { Service } from './runtime.ts';

/** A release that waits for health costs little; rendering and applying have limits of their own. */
const CONCURRENCY = 256;

/** Brings targets to what is desired, one release at a time each. */
export async function startDeployWorker(parts: Parts): Promise<Service> {
  const { config, keys, log } = parts;
  const subscriber = parts.connect('worker');
  const turns = await createTurns(parts.redis, subscriber, keys, keys.desiredChannel);
  const worker = startWorker({
    name: 'deploy',
    connection: parts.redis,
    prefix: config.redis.prefix,
    concurrency: CONCURRENCY,
    log,
    run: ({ target }, signal) => deploy(target, { ...parts, turns }, signal),
  });
  return {
    name: 'deploy',
    isRunning: worker.isRunning,
    async stop(graceMs) {
      await worker.stop(graceMs);
      await turns.close();
      subscriber.disconnect();
    },
  };
}
