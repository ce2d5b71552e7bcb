import type { KubeObject } from '../../model/object.ts';
import { isApiError, isUnconvertible } from '../client/api-error.ts';
import { asEither } from '../client/as-either.ts';
import type { ReleaseContext } from '../context.ts';
import { collectionPath } from '../discovery/resource.ts';
import { itemsOf } from '../list.ts';
import { inParallel } from '../parallel.ts';
import type { ApplyPlan, PlannedObject } from '../plan/plan.ts';
import { dropsReplicas, isScaledBy, leavingReplicas, scalers } from '../plan/scalers.ts';

/**
 * Finds the workloads whose file no longer has `replicas` because something else scales them: an autoscaler of the same
 * app, or one that is live. Their replicas are left as they are. Otherwise the API server would reset them to 1 and stop
 * all pods but one until the autoscaler acts
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership).
 */
export async function handOverReplicas(
  context: ReleaseContext,
  plan: ApplyPlan,
  signal: AbortSignal,
): Promise<ApplyPlan> {
  const planned = plan.waves.flat();
  const dropping = planned.filter(dropsReplicas);
  if (dropping.length === 0) return plan;
  const inApp = planned.map(({ wanted }) => wanted);
  const unnamed = dropping.filter((one) => !inApp.some((other) => isScaledBy(one, other)));
  const all = [...inApp, ...(await liveScalers(context, unnamed, signal))];
  const scaled = new Set(dropping.filter((one) => all.some((other) => isScaledBy(one, other))));
  const waves = plan.waves.map((wave) =>
    wave.map((one) => (scaled.has(one) ? leavingReplicas(one, context.setId) : one)),
  );
  return { ...plan, waves };
}

/** Those in the namespaces of these workloads. A kind that the cluster does not serve, or that nobody may list, has none. */
async function liveScalers(
  context: ReleaseContext,
  workloads: PlannedObject[],
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const { client, discovery, account } = context;
  const namespaces = new Set(workloads.map(({ ref }) => ref.namespace));
  const found: KubeObject[] = [];
  const lists = scalers.flatMap((kind) => [...namespaces].map((namespace) => ({ kind, namespace })));
  await inParallel(lists, client.maxRequests, async ({ kind, namespace }) => {
    const { resources } = await discovery.catalog(signal);
    const resource = resources.find((one) => one.group === kind.group && one.kind === kind.kind);
    if (!resource) return;
    const path = collectionPath(resource, namespace);
    try {
      const { body } = await asEither(account, (as) => client.request({ path, as, signal }));
      found.push(...itemsOf(body));
    } catch (error) {
      if (!isApiError(error, 403, 404) && !isUnconvertible(error)) throw error;
    }
  });
  return found;
}
