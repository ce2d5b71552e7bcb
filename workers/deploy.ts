import type { Parts } from '../src/parts/parts.ts';
import { createTurns } from '../src/queue/turns.ts';
import { startWorker } from '../src/queue/worker.ts';
import { deploy } from '../src/release/deploy.ts';
import { createGates } from '../src/release/gate.ts';
import type { Service } from './runtime.ts';

/** A release that waits costs a few kilobytes; rendering and applying have limits of their own. */
const CONCURRENCY = 1_000;

/** Releases that render and apply at once on a cluster: enough to keep it busy, few enough to let a small push by. */
const AT_ONCE = 16;

/** Brings targets to what is desired, one release at a time each. */
export async function startDeployWorker(parts: Parts): Promise<Service> {
  const { config, keys, log } = parts;
  const subscriber = parts.connect('worker');
  const turns = await createTurns(parts.redis, subscriber, keys, keys.desiredChannel);
  const gate = createGates(AT_ONCE);
  const worker = startWorker({
    name: 'deploy',
    connection: parts.redis,
    prefix: config.redis.prefix,
    concurrency: CONCURRENCY,
    log,
    run: ({ target }, signal) => deploy(target, { ...parts, turns, gate }, signal),
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
