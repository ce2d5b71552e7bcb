import { boundChangeSet, type ChangeSet, type ObjectChange } from '../model/change-set.ts';
import { type RenderedObject, refKey, refOf } from '../model/object.ts';
import type { Target } from '../model/target.ts';
import type { Admitted } from '../ports/admission.ts';
import type { Permit } from '../ports/limiter.ts';
import type { PlanningPorts } from './ports.ts';

/**
 * What a release of this commit would do, by the same steps with a server-side dry run. An object that the API server
 * cannot try, because its namespace, kind or schema comes with the same change, is marked as such; all others are tried.
 */
export async function dryRun(
  {
    target,
    commit,
    admitted,
    permit,
  }: { target: Target; commit: string; admitted: Admitted; permit: Permit },
  { clusters, mirrors, steps }: Pick<PlanningPorts, 'clusters' | 'mirrors' | 'steps'>,
  signal: AbortSignal,
): Promise<ChangeSet> {
  const cluster = clusters.get(target.cluster);
  const tree = mirrors.open(target.repository).tree(commit);
  const [run, rendered] = await Promise.all([
    cluster.open(
      { target, ...admitted, takeoverRight: steps.takeoverRight(target, commit, permit, signal) },
      signal,
    ),
    steps.renderObjects(target, tree, cluster, signal),
  ]);
  const { refused, skipped, warnings } = rendered;
  // The others are planned too: people correct everything at once.
  const objects = without(refused, rendered.objects);
  // Nothing is written, so there is no lease to check.
  const options = { signal, checkLease: async () => {}, dryRun: true };
  const { changes } = await run.apply(objects, options);
  const planned = [...refused, ...changes, ...skipped];
  if (planned.some(({ action }) => action === 'failed'))
    return boundChangeSet({ changes: planned, warnings });
  const pruned = await run.prune(objects, options);
  return boundChangeSet({ changes: [...planned, ...pruned.changes], warnings });
}

function without(refused: ObjectChange[], objects: RenderedObject[]): RenderedObject[] {
  const keys = new Set(refused.map(({ ref }) => refKey(ref)));
  return objects.filter(({ object }) => !keys.has(refKey(refOf(object))));
}
