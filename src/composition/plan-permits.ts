import { flowOf } from '../model/flow.ts';
import type { PlanningPorts } from '../planning/ports.ts';
import type { Limiter } from '../ports/limiter.ts';
import type { Projects } from '../ports/projects.ts';
import { createLimiter, createLimiters } from '../release/limiter.ts';
import { acquirePermit } from '../release/permit.ts';

export function createPermits(
  onCluster: (cluster: string) => number,
  inProcess: number,
  projectOf: Projects['projectOf'],
): PlanningPorts['permit'] {
  const clusters = createLimiters(onCluster);
  const process = createLimiter(inProcess);
  return ({ cluster, repository }, signal) =>
    acquirePermit(both(clusters(cluster), process), flowOf(projectOf(repository)), signal);
}

/** Takes the cluster's permit first, so that plans that wait for one cluster hold up no plan of another. */
function both(cluster: Limiter, process: Limiter): Limiter {
  return {
    async acquire(flow, signal) {
      const leaveCluster = await cluster.acquire(flow, signal);
      const leaveProcess = await process.acquire(flow, signal).catch((error: unknown) => {
        leaveCluster();
        throw error;
      });
      return () => {
        leaveProcess();
        leaveCluster();
      };
    },
  };
}
