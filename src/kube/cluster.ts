import type { Cluster, ClusterWork } from '../ports/cluster.ts';
import type { ClusterVersion } from '../ports/renderer.ts';
import { createKubeClient } from './client/client.ts';
import { createContext } from './context.ts';
import { createDiscovery } from './discovery/discovery.ts';
import { refuseWhileDown } from './discovery/down.ts';
import { clusterVersion } from './discovery/version.ts';
import { missingKindOf } from './explain/missing-kind.ts';
import type { ClusterInput } from './input.ts';
import { type ApplySetParent, parentFrom } from './inventory/parent.ts';
import { listParents, readParent } from './inventory/parent-requests.ts';
import { createInventoryCache } from './live/inventory-cache.ts';
import { readLive } from './live/live.ts';
import { createSharedLists } from './live/shared-lists.ts';
import { createRun } from './run.ts';
import { createWatchHub } from './watch/watch-hub.ts';

/** A version changes with an upgrade of the control plane: a render may be this much behind. */
const versionKeepMs = 60_000;

/** A cluster with the connections that its runs share. */
export interface OpenCluster extends Cluster {
  close(): Promise<void>;
}

export function createCluster(input: ClusterInput): OpenCluster {
  const client = createKubeClient(input);
  const discovery = createDiscovery(client);
  const lists = createSharedLists(client);
  const hub = createWatchHub(client);
  const cache = createInventoryCache(client, hub);
  let version: { value: Promise<ClusterVersion>; at: number } | undefined;

  return {
    name: input.name,
    get away() {
      return client.away;
    },
    version() {
      if (version && performance.now() - version.at < versionKeepMs) return version.value;
      const value = clusterVersion(client, discovery);
      version = { value, at: performance.now() };
      value.catch(() => {
        version = undefined;
      });
      return value;
    },
    async isNamespaced(group, kind) {
      const found = await discovery.resource({ group, kind });
      if (!found) refuseWhileDown(await discovery.catalog(), group, input.name);
      return found?.namespaced;
    },
    async unknownKind(ref) {
      const { what, hint = '' } = missingKindOf(ref, input.name, (await discovery.catalog()).resources);
      return { message: what, hint };
    },
    async open(work, signal) {
      const kept = keptParent(input.stateNamespace, work);
      const parent = kept ?? (await readParent(client, input.stateNamespace, work.target, signal));
      const asked = { account: work.impersonate, trusted: work.last !== undefined, signal };
      const live = readLive({ client, discovery, lists, cache }, parent, asked);
      // The apply awaits it; a release that ends before that must not end the process.
      live.catch(() => undefined);
      return createRun(createContext({ client, discovery, hub, cache, work, parent, live }), parent);
    },
    targets: (signal) => listParents(client, input.stateNamespace, signal),
    async close() {
      hub.close();
      await client.close();
    },
  };
}

/**
 * The parent as the target's last release left it, if that release was the last to write it. An edit by hand is found by
 * its resourceVersion when it is written next.
 */
function keptParent(stateNamespace: string, { last, target }: ClusterWork): ApplySetParent | undefined {
  const kept = last?.parent === undefined ? undefined : parentFrom(last.parent, stateNamespace, target);
  return kept?.record?.history[0]?.number === last?.number ? kept : undefined;
}
