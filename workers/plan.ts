import type { Composition } from '../src/composition/composition.ts';
import { createPermits } from '../src/composition/plan-permits.ts';
import { createPlanning } from '../src/composition/planning.ts';
import { outsideOf } from '../src/composition/stores.ts';
import { giveUpRequest, runRequest } from '../src/planning/run-request.ts';
import { startWorker } from '../src/queue/worker.ts';
import type { Service } from './runtime.ts';

/** A request that waits costs a few kilobytes; what renders and asks a cluster has limits of its own. */
const CONCURRENCY = 1_000;

/** Plans at once on a cluster: few, as releases on the same cluster matter more. */
const PER_CLUSTER = 4;

/** Plans at once in this process. */
const PER_PROCESS = 16;

/** Runs requests for plans: renders, and finds by a dry run what would change. */
export function startPlanWorker(composition: Composition): Service {
  const { config, log, projects, redis } = composition;
  const permit = createPermits(
    (cluster) => Math.min(PER_CLUSTER, config.clusters[cluster]?.maxRequests ?? PER_CLUSTER),
    PER_PROCESS,
    projects.projectOf,
  );
  const ports = { ...createPlanning(composition), permit };
  return startWorker({
    name: 'plan',
    connection: redis,
    prefix: config.redis.prefix,
    outside: outsideOf(config),
    concurrency: CONCURRENCY,
    log,
    quarantine: {
      trials: composition.trials,
      giveUp: ({ request }, error) => giveUpRequest(request, error, ports),
    },
    run: ({ request }, signal) => runRequest(request, ports, signal),
  });
}
