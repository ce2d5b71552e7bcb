import { SlipwayError } from '../../errors.ts';
import type { Catalog } from './discovery.ts';

/**
 * For a kind that was not found. Throws CLUSTER_UNREACHABLE where it may be one of an aggregated API that is down: only
 * when that is back can be said whether the cluster has it.
 */
export function refuseWhileDown({ stale }: Catalog, group: string, cluster: string): void {
  const down = stale.find((groupVersion) => groupVersion.split('/')[0] === group);
  if (down === undefined) return;
  const [, version = ''] = down.split('/');
  throw new SlipwayError('CLUSTER_UNREACHABLE', `the API ${down} of cluster ${cluster} is down`, {
    hint: `It is tried again until it is up. Why it is down: kubectl get apiservices ${version}.${group} -o yaml`,
  });
}
