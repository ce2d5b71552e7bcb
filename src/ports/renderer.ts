import type { ObjectRef, RenderedObject } from '../model/object.ts';
import type { SourcePlace } from '../model/source-place.ts';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';

/** What the renderer must know of the cluster it renders for (Helm's `.Capabilities`). */
export interface ClusterVersion {
  /** `v1.37.2` */
  version: string;
  /** `v1`, `apps/v1`, `apps/v1/Deployment`, …: sorted, for `helm template --api-versions`. */
  apiVersions: string[];
}

export interface SkippedObject {
  ref: ObjectRef;
  source: SourcePlace;
  reason: string;
}

export interface Rendered {
  objects: RenderedObject[];
  skipped: SkippedObject[];
  /** What a person should know although nothing failed: output that differs at each render, files left out. */
  warnings?: string[] | undefined;
  cached: boolean;
}

export interface Renderer {
  /**
   * A hash over everything that decides the output: the Git ids of every file the app reaches, its render options,
   * the tool's version and, for Helm, the cluster's version. Throws PATH_MISSING and RENDER_* as `render` does.
   */
  contentKey(target: Target, tree: Tree, cluster: () => Promise<ClusterVersion>): Promise<string>;
  /**
   * The folders outside of which nothing has decided the target's last content key; undefined where that is not known,
   * or where more than the repository's files decides it.
   */
  decidedBy(target: Target): readonly string[] | undefined;
  /** Throws RENDER_*, PATH_MISSING, OBJECT_INVALID with the author's file and line, GIT_* when the commit cannot be had. */
  render(
    target: Target,
    tree: Tree,
    cluster: () => Promise<ClusterVersion>,
    signal: AbortSignal,
  ): Promise<Rendered>;
}
