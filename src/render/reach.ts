import type { RendererName } from '../model/target.ts';

/** A file to be written for a renderer: where it lies in the repository, and its Git id. */
export interface ReachedFile {
  path: string;
  id: string;
}

/**
 * Everything of a repository that decides an app's output. Only this is written to the private folder, so what
 * is not in it cannot matter, and the key over it is exact.
 */
export interface Reach {
  renderer: RendererName;
  /** Where the program finds the file in the private folder → the file. */
  files: Map<string, ReachedFile>;
  /** Whether the output may depend on the cluster's version (`.Capabilities`). */
  looksAtCluster: boolean;
  /** What differs from one render to the next, and what was left out, in words. */
  warnings: string[];
  /** Kustomize: files outside of the folder of their kustomization, which `kustomize build` refuses unless told. */
  unrestricted: boolean;
  /** Kustomize: charts are inflated, so Helm runs too. */
  inflatesCharts: boolean;
  /** Helm: `# Source:` prefix → folder or archive in the repository. */
  sources: Map<string, string>;
  /** Helm: the values files in the private folder, in their order. */
  values: string[];
}

export function emptyReach(renderer: RendererName): Reach {
  return {
    renderer,
    files: new Map(),
    looksAtCluster: false,
    warnings: [],
    unrestricted: false,
    inflatesCharts: false,
    sources: new Map(),
    values: [],
  };
}
