import { newTargetNamed } from '../intake/new-target.ts';
import { targetAt } from '../intake/target-at.ts';
import type { PlanningPorts } from '../planning/ports.ts';
import { renderObjects } from '../release/render-objects.ts';
import { takeoverRightOf } from '../release/takeover.ts';
import { createPlanRequests, createPlanRuns } from '../store/plans.ts';
import type { Composition } from './composition.ts';

/** What a plan works with: the intake finds its target, the steps are those of a release. */
export function createPlanning(composition: Composition): Omit<PlanningPorts, 'permit'> {
  const { redis, keys, queries, releases, mirrors, renderer, admission, policy, clusters, log } = composition;
  return {
    targets: {
      resolve: (name) => queries.resolve(name),
      resolveNew: (name) => newTargetNamed(name, composition),
      desiredCommit: async (id) => (await releases.record(id))?.desired?.commit,
      at: (id, ref, signal) => targetAt(id, ref, composition, signal),
    },
    steps: {
      renderObjects: (target, tree, cluster, signal) =>
        renderObjects(target, tree, cluster, composition, signal),
      takeoverRight: (target) => takeoverRightOf({ target }, composition),
    },
    requests: createPlanRequests(redis, keys),
    runs: createPlanRuns(redis, keys),
    mirrors,
    renderer,
    admission,
    policy,
    clusters,
    log,
  };
}
