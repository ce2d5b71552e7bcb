import { flowOf } from '../model/flow.ts';
import type { PlanningPorts } from '../planning/ports.ts';
import type { Projects } from '../ports/projects.ts';
import { createLimiter, createLimiters } from '../release/limiter.ts';

/** Takes the cluster's permit first, so that plans that wait for one cluster hold up no plan of another. */
export function createPermits(
  onCluster: (cluster: string) => number,
  inProcess: number,
  projectOf: Projects['projectOf'],
): PlanningPorts['permit'] {
  const clusters = createLimiters(onCluster);
  const process = createLimiter(inProcess);
  return async ({ cluster, repository }, signal) => {
    const flow = flowOf(projectOf(repository));
    const leaveCluster = await clusters(cluster).acquire(flow, signal);
    const leaveProcess = await process.acquire(flow, signal).catch((error: unknown) => {
      leaveCluster();
      throw error;
    });
    return () => {
      leaveProcess();
      leaveCluster();
    };
  };
}
