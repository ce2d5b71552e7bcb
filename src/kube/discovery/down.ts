import { SlipwayError } from '../../errors.ts';
import type { Catalog } from './discovery.ts';

/**
 * For a kind that was not found: throws CLUSTER_UNREACHABLE if an aggregated API of its group is down, because the kind may
 * exist there.
 */
export function refuseWhileDown({ stale }: Catalog, group: string, cluster: string): void {
  const down = stale.find((groupVersion) => groupVersion.split('/')[0] === group);
  if (down === undefined) return;
  const [, version = ''] = down.split('/');
  throw new SlipwayError('CLUSTER_UNREACHABLE', `the API ${down} of cluster ${cluster} is down`, {
    hint: `Slipway retries until it is up. To see why it is down, run: kubectl get apiservices ${version}.${group} -o yaml`,
  });
}
