import type { Composition } from '../src/composition/composition.ts';
import { createJobSlots } from '../src/queue/job-slots.ts';
import { createLeases } from '../src/queue/leases.ts';
import { startWorker } from '../src/queue/worker.ts';
import { deploy } from '../src/release/deploy.ts';
import { createLimiters, observedLimiter } from '../src/release/limiter.ts';
import type { Service } from './runtime.ts';

/** A waiting release needs a few kilobytes. Limiters bound rendering and applying. */
const CONCURRENCY = 1_000;

/** Releases that render and apply at the same time on a cluster: enough to use it fully, and a small push starts soon. */
const MAX_PERMITS = 16;

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
  const mostPermits = Math.max(0, ...Object.keys(config.clusters).map(permitsOn));
  const limiters = createLimiters(permitsOn);
  const worker = startWorker({
    name: 'deploy',
    connection: composition.redis,
    prefix: config.redis.prefix,
    concurrency: CONCURRENCY,
    log,
    slots: createJobSlots(mostPermits + WAITING_JOBS),
    run({ target }, signal, slot) {
      const limiter = (cluster: string) =>
        observedLimiter(
          limiters(cluster),
          () => slot?.at(cluster),
          () => slot?.free(),
        );
      return deploy(target, { ...composition, leases, limiter }, signal);
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
