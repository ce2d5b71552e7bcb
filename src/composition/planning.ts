import { SlipwayError } from '../errors.ts';
import { newTargetNamed } from '../intake/new-target.ts';
import { targetAt } from '../intake/target-at.ts';
import type { TargetId } from '../model/target.ts';
import type { PlanningPorts } from '../planning/ports.ts';
import { fetchingWithoutPermit } from '../release/fetching.ts';
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
      takeoverRight(target, commit, permit, signal) {
        const request = { target, ownerAt: (id: TargetId) => plannedAt(id, commit, composition, signal) };
        return takeoverRightOf(request, {
          ...composition,
          mirrors: fetchingWithoutPermit(mirrors, permit, signal),
        });
      },
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

/** A target as a commit has it; undefined if slipway.yaml does not have it there. */
async function plannedAt(id: TargetId, commit: string, composition: Composition, signal: AbortSignal) {
  try {
    const { target } = await targetAt(id, commit, composition, signal);
    return { target, desired: { commit, contentKey: `planned-${commit}` } };
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
