import { createHash } from 'node:crypto';
import type { Target } from '../model/target.ts';
import type { ClusterVersion } from '../ports/renderer.ts';
import type { Reach } from './reach.ts';

/** Raised when Slipway itself would render the same files otherwise. */
const FORMAT = 1;

/**
 * What an app's output is a function of, as one hash. The key moves exactly when something in here moves: paths are
 * relative, so a folder that is only renamed keeps its key where its files do.
 */
export function contentKeyOf(
  target: Target,
  reach: Reach,
  tools: string[],
  cluster: ClusterVersion | undefined,
): string {
  const { renderer } = reach;
  const identity = [target.app, target.environment, target.cluster, target.namespace];
  const helm = renderer === 'helm' ? [target.helm.releaseName, ...reach.values] : [];
  const files = relativeFiles(target, reach);
  const versions = cluster === undefined ? [] : [cluster.version, ...cluster.apiVersions];
  // No file, but it decides what is on the cluster: what is no longer ignored is to be applied again.
  const ignore = target.ignore?.length ? [target.ignore] : [];
  const parts = [FORMAT, renderer, tools, identity, helm, files, versions, ...ignore];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Kustomize and plain files lie as in the repository, so their paths are taken relative to the app. */
function relativeFiles(target: Target, { renderer, files }: Reach): [string, string][] {
  const all = [...files].map(([mount, { id }]): [string, string] => [
    renderer === 'helm' ? mount : relative(target.path, mount),
    id,
  ]);
  return all.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** As `posix.relative`, for paths that are already normalised: this runs for every file of every app. */
function relative(from: string, to: string): string {
  if (from === '.') return to;
  if (to.startsWith(`${from}/`)) return to.slice(from.length + 1);
  const base = from.split('/');
  const parts = to.split('/');
  let common = 0;
  while (common < base.length && base[common] === parts[common]) common += 1;
  return [...base.slice(common).map(() => '..'), ...parts.slice(common)].join('/');
}
