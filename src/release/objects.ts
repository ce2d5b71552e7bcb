import type { ObjectChange } from '../model/change-set.ts';
import type { Notice } from '../model/notice.ts';
import type { RenderedObject } from '../model/object.ts';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import { failedChanges } from '../model/violation.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { ReleasePorts } from './ports.ts';

export interface EvaluatedObjects {
  /** With their namespaces; without those that no rule can be asked about. */
  objects: RenderedObject[];
  /** What the policy refuses: nothing may be applied unless it is empty. */
  refused: ObjectChange[];
  /** Objects that were rendered and are not applied, as the change set shows them. */
  skipped: ObjectChange[];
  /** As the renderer gives them. */
  warnings: string[];
}

/** Renders and evaluates: the same for a release and for a plan. `onChecking` is called between the two. */
export async function renderObjects(
  target: Target,
  tree: Tree,
  cluster: Cluster,
  { renderer, policy }: Pick<ReleasePorts, 'renderer' | 'policy'>,
  signal: AbortSignal,
  onChecking: () => void = () => {},
): Promise<EvaluatedObjects> {
  const rendered = await renderer.render(target, tree, () => cluster.version(signal), signal);
  onChecking();
  const { objects, violations } = await policy.assignNamespaces(target, rendered.objects, cluster);
  const refused = failedChanges([...violations, ...(await policy.evaluate(target, objects))]);
  const skipped = rendered.skipped.map(({ ref, source, reason }): ObjectChange => {
    const notice: Notice = { kind: 'hook', summary: reason };
    return { ref, source, action: 'skipped', fields: [], notice };
  });
  return { objects, refused, skipped, warnings: rendered.warnings ?? [] };
}
