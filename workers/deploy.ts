import type { Composition } from '../src/composition/composition.ts';
import { createJobSlots } from '../src/queue/job-slots.ts';
import { createLeases } from '../src/queue/leases.ts';
import { startWorker } from '../src/queue/worker.ts';
import { deploy } from '../src/release/deploy.ts';
import { createLimiters, observedLimiter } from '../src/release/limiter.ts';
import type { Service } from './runtime.ts';

/** A release that waits costs a few kilobytes; rendering and applying have limits of their own. */
const CONCURRENCY = 1_000;

/** Releases that render and apply at once on a cluster: enough to keep it busy, few enough that a small push gets in. */
const AT_ONCE = 16;

/** Permits per request: a release has about one request in flight, and while half of them render, the others apply. */
const PER_REQUEST = 2;

/** Jobs taken beyond those, so that the next one waits when a permit is released. */
const AHEAD = 2;

/** Deploys the desired revisions of targets, one release at a time per target. */
export async function startDeployWorker(composition: Composition): Promise<Service> {
  const { config, keys, log } = composition;
  const subscriber = composition.connect('worker');
  const leases = await createLeases(composition.redis, subscriber, keys, keys.desiredChannel);
  const permitsOn = (cluster: string) =>
    Math.min(AT_ONCE, PER_REQUEST * (config.clusters[cluster]?.maxRequests ?? AT_ONCE));
  const most = Math.max(0, ...Object.keys(config.clusters).map(permitsOn));
  const limiters = createLimiters(permitsOn);
  const worker = startWorker({
    name: 'deploy',
    connection: composition.redis,
    prefix: config.redis.prefix,
    concurrency: CONCURRENCY,
    log,
    slots: createJobSlots(most + AHEAD),
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
