import type { ObjectChange } from '../model/change-set.ts';
import type { Notice } from '../model/notice.ts';
import type { RenderedObject } from '../model/object.ts';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import { failedChanges } from '../model/violation.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { ReleasePorts } from './ports.ts';

export interface EvaluatedObjects {
  /** With their namespaces; without objects that the policy cannot evaluate. */
  objects: RenderedObject[];
  /** Objects that the policy refuses. Unless this is empty, nothing may be applied. */
  refused: ObjectChange[];
  /** Objects that were rendered and are not applied, as the change set shows them. */
  skipped: ObjectChange[];
  /** Warnings of the renderer. */
  warnings: string[];
}

/** Renders, calls `onChecking`, then evaluates policies. Releases and plans use the same steps. */
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
