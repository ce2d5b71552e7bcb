import type { Composition } from '../src/composition/composition.ts';
import { outsideOf } from '../src/composition/stores.ts';
import { createLeases } from '../src/queue/leases.ts';
import { startWorker } from '../src/queue/worker.ts';
import { deploy } from '../src/release/deploy.ts';
import { desiredWork } from '../src/release/desired-work.ts';
import { createLimiters, observedLimiter } from '../src/release/limiter.ts';
import type { Service } from './runtime.ts';

/** Releases per cluster that wait for health or for a cluster that is away: each costs memory, and no slot. */
const CONCURRENCY = 20_000;

/** Releases that render and apply at the same time on a cluster: enough to use it fully, and a small push starts soon. */
export const MAX_PERMITS = 16;

/** Permits per concurrent request: a release has about one request in flight, and half of the releases render meanwhile. */
const PERMITS_PER_REQUEST = 2;

/** Additional jobs, so that one already waits when a permit is released. */
const WAITING_JOBS = 2;

/** Deploys the desired revisions of targets, one release at a time per target. */
export async function startDeployWorker(composition: Composition): Promise<Service> {
  const { config, keys, log } = composition;
  const subscriber = composition.connect('worker');
  const leases = await createLeases(composition.redis, subscriber, keys, keys.desiredChannel);
  const permitsOn = (cluster: string) =>
    Math.min(MAX_PERMITS, PERMITS_PER_REQUEST * (config.clusters[cluster]?.maxRequests ?? MAX_PERMITS));
  const limiters = createLimiters(permitsOn);
  const ports = { ...composition, leases, limiter: limiters };
  const worker = startWorker({
    name: 'deploy',
    connection: composition.redis,
    prefix: config.redis.prefix,
    outside: outsideOf(config),
    concurrency: CONCURRENCY,
    log,
    slots: (cluster = '') => permitsOn(cluster) + WAITING_JOBS,
    quarantine: {
      trials: composition.trials,
      workOf: ({ target }) => desiredWork(target, composition),
      giveUp: ({ target }, error, signal) => deploy(target, ports, signal, error),
    },
    run({ target }, signal, slot) {
      const limiter = (cluster: string) => observedLimiter(limiters(cluster), slot);
      return deploy(target, { ...ports, limiter }, signal);
    },
  });
  return {
    name: 'deploy',
    isRunning: worker.isRunning,
    async stop(graceMs) {
      await worker.stop(graceMs);
      await leases.close();
      subscriber.disconnect();
    },
  };
}
