import { createHash } from 'node:crypto';
import type { Target } from '../model/target.ts';
import type { ClusterVersion } from '../ports/renderer.ts';
import type { Reach } from './reaches.ts';

/** Raised when Slipway itself would render the same files otherwise. */
const FORMAT = 2;

/**
 * What an app's output is a function of, as one hash. The key moves exactly when something in here moves: paths are
 * relative, so a folder that is only renamed keeps its key where its files do. `engine`: the versions of what renders.
 */
export function contentKeyOf(
  target: Target,
  reach: Reach,
  engine: string,
  cluster: ClusterVersion | undefined,
): string {
  const identity = [target.app, target.environment, target.cluster, target.namespace];
  const { renderer = null, helm, jsonnet = null } = target;
  const options = [renderer, helm.releaseName, helm.values, jsonnet];
  const versions = cluster === undefined ? [] : [cluster.version, ...cluster.apiVersions];
  // No file, but it decides what is on the cluster: what is no longer ignored is to be applied again.
  const ignore = target.ignore?.length ? [target.ignore] : [];
  const parts = [FORMAT, engine, identity, options, looksOf(target, reach), versions, ...ignore];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function looksOf(target: Target, { looks }: Reach): string[] {
  return looks
    .map(({ kind, path, suffixes = [], saw }) =>
      [relative(target.path, path), kind, ...suffixes, saw].join(' '),
    )
    .sort();
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
