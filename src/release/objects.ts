import type { ObjectChange } from '../model/change-set.ts';
import type { RenderedObject } from '../model/object.ts';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { ReleasePorts } from './ports.ts';

export interface CheckedObjects {
  /** With their namespaces, allowed by the operator's rules. */
  objects: RenderedObject[];
  /** What was rendered and is not applied, as the change set shows it. */
  skipped: ObjectChange[];
  /** As the renderer gives them. */
  warnings: string[];
}

/** Render and check: the same for a release and for a plan. `onChecking` is called between the two. */
export async function renderObjects(
  target: Target,
  tree: Tree,
  cluster: Cluster,
  { renderer, guards }: Pick<ReleasePorts, 'renderer' | 'guards'>,
  signal: AbortSignal,
  onChecking: () => void = () => {},
): Promise<CheckedObjects> {
  const rendered = await renderer.render(target, tree, () => cluster.version(signal), signal);
  onChecking();
  const objects = await guards.check(target, rendered.objects, cluster);
  const skipped = rendered.skipped.map(
    ({ ref, source, reason }): ObjectChange => ({ ref, source, action: 'skipped', fields: [], reason }),
  );
  return { objects, skipped, warnings: rendered.warnings ?? [] };
}
