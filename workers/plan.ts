import type { Composition } from '../src/composition/composition.ts';
import { createPlanning } from '../src/composition/planning.ts';
import { outsideOf } from '../src/composition/stores.ts';
import type { PlanningPorts } from '../src/planning/ports.ts';
import { runRequest } from '../src/planning/run-request.ts';
import { startWorker } from '../src/queue/worker.ts';
import { createLimiter, createLimiters } from '../src/release/limiter.ts';
import type { Service } from './runtime.ts';

/** A request that waits costs a few kilobytes; what renders and asks a cluster has limits of its own. */
const CONCURRENCY = 1_000;

/** Plans at once on a cluster: few, as releases on the same cluster matter more. */
const PER_CLUSTER = 4;

/** Plans at once in this process. */
const PER_PROCESS = 16;

/** Runs requests for plans: renders, and finds by a dry run what would change. */
export function startPlanWorker(composition: Composition): Service {
  const { config, log, redis } = composition;
  const permit = createPermits(
    (cluster) => Math.min(PER_CLUSTER, config.clusters[cluster]?.maxRequests ?? PER_CLUSTER),
    PER_PROCESS,
  );
  const ports = { ...createPlanning(composition), permit };
  return startWorker({
    name: 'plan',
    connection: redis,
    prefix: config.redis.prefix,
    outside: outsideOf(config),
    concurrency: CONCURRENCY,
    log,
    run: ({ request }, signal) => runRequest(request, ports, signal),
  });
}

/** Takes the cluster's permit first, so that plans that wait for one cluster hold up no plan of another. */
export function createPermits(
  onCluster: (cluster: string) => number,
  inProcess: number,
): PlanningPorts['permit'] {
  const clusters = createLimiters(onCluster);
  const process = createLimiter(inProcess);
  return async (cluster, signal) => {
    const leaveCluster = await clusters(cluster).acquire(0, signal);
    const leaveProcess = await process.acquire(0, signal).catch((error: unknown) => {
      leaveCluster();
      throw error;
    });
    return () => {
      leaveProcess();
      leaveCluster();
    };
  };
}
