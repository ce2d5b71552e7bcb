import type { ClusterVersion } from '../../ports/renderer.ts';
import type { KubeClient } from '../client/client.ts';
import type { Discovery } from './discovery.ts';

/** The server's version, and its API versions as Helm lists them for `.Capabilities.APIVersions`. */
export async function clusterVersion(
  client: KubeClient,
  discovery: Discovery,
  signal?: AbortSignal,
): Promise<ClusterVersion> {
  const [response, catalog] = await Promise.all([
    client.request({ path: '/version', signal }),
    discovery.catalog(signal),
  ]);
  const apiVersions = new Set(catalog.groupVersions);
  for (const { group, version, kind } of catalog.resources) {
    apiVersions.add(`${group === '' ? version : `${group}/${version}`}/${kind}`);
  }
  return { version: String(response.body.gitVersion), apiVersions: [...apiVersions].sort() };
}
