import { bounded, type ChangeSet, type ObjectChange } from '../model/change-set.ts';
import { type RenderedObject, refKey, refOf } from '../model/object.ts';
import type { Target } from '../model/target.ts';
import { renderObjects } from './objects.ts';
import type { ReleasePorts } from './ports.ts';
import { takeoverRightOf } from './takeover.ts';

/**
 * What a release of this commit would do, computed by the same steps with a server-side dry run. Objects that cannot
 * be tried (their namespace or their kind comes with the same change) are shown as such, the others stay useful.
 */
export async function plan(
  target: Target,
  commit: string,
  ports: Pick<
    ReleasePorts,
    'admission' | 'clusters' | 'mirrors' | 'policy' | 'releases' | 'renderer' | 'successors'
  >,
  signal: AbortSignal,
): Promise<ChangeSet> {
  const admitted = ports.admission.admit(target);
  const cluster = ports.clusters.get(target.cluster);
  const mirror = ports.mirrors.open(target.repository);
  const [run] = await Promise.all([
    cluster.open({ target, ...admitted, takeoverRight: takeoverRightOf({ target }, ports) }, signal),
    mirror.ensure(commit, signal),
  ]);
  const tree = mirror.tree(commit);
  const rendered = await renderObjects(target, tree, cluster, ports, signal);
  const { refused, skipped, warnings } = rendered;
  // The rest is planned too: people correct everything at once.
  const objects = without(refused, rendered.objects);
  // Nothing is written, so nobody's turn is needed.
  const options = { signal, checkLease: async () => {}, dryRun: true };
  const { changes } = await run.apply(objects, options);
  const planned = [...refused, ...changes, ...skipped];
  if (planned.some(({ action }) => action === 'failed')) return bounded({ changes: planned, warnings });
  const pruned = await run.prune(objects, options);
  return bounded({ changes: [...planned, ...pruned.changes], warnings });
}

function without(refused: ObjectChange[], objects: RenderedObject[]): RenderedObject[] {
  const keys = new Set(refused.map(({ ref }) => refKey(ref)));
  return objects.filter(({ object }) => !keys.has(refKey(refOf(object))));
}
