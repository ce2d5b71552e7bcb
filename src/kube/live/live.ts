import { isObject, listOf, objectOf } from '../../model/json.ts';
import { type JsonValue, type KubeObject, refKey, refOf } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { collectionPath, type Resource } from '../discovery/resource.ts';
import { parseGroupKind, partOfLabel } from '../inventory/applyset.ts';
import type { ApplySetParent } from '../inventory/parent.ts';
import { writtenVersion } from '../inventory/written.ts';
import type { InventoryCache } from './inventory-cache.ts';
import type { SharedLists } from './shared-lists.ts';

/** What is live of a target, read by the label of its set. */
export interface Live {
  /** By `refKey`; each in the version that the server prefers for its kind. */
  members: Map<string, KubeObject>;
  /** Why members may be missing from this list for now: `the API metrics.k8s.io/v1beta1 is down`. */
  gaps: string[];
  /** What may not be listed: `configmaps in namespace loans`. */
  forbidden: string[];
}

interface LivePorts {
  client: KubeClient;
  discovery: Discovery;
  lists: SharedLists;
  cache: InventoryCache;
}

interface Asked {
  /** The account that the objects are written as. */
  account: string | undefined;
  /** Whether what this process has watched may be taken, where it goes as far as what was written. */
  trusted: boolean;
  signal: AbortSignal;
}

/**
 * Lists the members of a set: every kind of the inventory in every namespace of it. Kinds that the cluster no
 * longer serves have none. After a gap or a refusal nothing may be pruned. Read with Slipway's own account, else
 * with the one the objects are written as.
 */
export async function readLive(parts: LivePorts, parent: ApplySetParent, asked: Asked): Promise<Live> {
  const { discovery } = parts;
  const { signal } = asked;
  const live: Live = { members: new Map(), gaps: [], forbidden: [] };
  const { groupKinds, namespaces } = parent.inventory;
  if (groupKinds.size === 0) return live;
  const list = lister(parts, parent, asked);
  const catalog = await discovery.catalog(signal);
  live.gaps.push(...catalog.stale.map((groupVersion) => `the API ${groupVersion} is down`));
  await Promise.all(
    [...groupKinds].map(async (text) => {
      const resource = await discovery.resource(parseGroupKind(text), signal);
      if (!resource) return;
      const places = resource.namespaced ? [...namespaces] : [undefined];
      await Promise.all(places.map((place) => addMembers(live, resource, place, list)));
    }),
  );
  return live;
}

type List = (resource: Resource, namespace: string | undefined) => Promise<JsonValue[]>;

async function addMembers(
  live: Live,
  resource: Resource,
  namespace: string | undefined,
  list: List,
): Promise<void> {
  try {
    for (const item of await list(resource, namespace)) {
      const member = withType(item, resource);
      if (member) live.members.set(refKey(refOf(member)), member);
    }
  } catch (error) {
    // The kind went away between discovery and the list; the next discovery says so.
    if (isApiError(error, 404)) return;
    if (!isApiError(error, 403)) throw error;
    live.forbidden.push(`${resource.resource}${namespace ? ` in namespace ${namespace}` : ''}`);
  }
}

function lister({ client, lists, cache }: LivePorts, parent: ApplySetParent, asked: Asked): List {
  const { account, trusted, signal } = asked;
  const query = { labelSelector: `${partOfLabel}=${parent.id}` };
  return async (resource, namespace) => {
    const path = collectionPath(resource, namespace);
    const known = trusted ? cache.known(path, parent.id) : undefined;
    const { group, kind } = resource;
    if (known && known.version >= writtenVersion(parent.written, { group, kind, namespace }))
      return known.objects;
    cache.follow(path);
    try {
      return await lists.members(path, parent.id, signal);
    } catch (error) {
      if (!isApiError(error, 403) || account === undefined) throw error;
      return listOf((await client.request({ path, query, as: account, signal })).body.items);
    }
  };
}

/** The items of a list carry no apiVersion and kind of their own. */
function withType(item: unknown, resource: Resource): KubeObject | undefined {
  if (!isObject(item) || !isObject(item.metadata)) return undefined;
  const { group, version, kind } = resource;
  return {
    ...item,
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: item.metadata,
  };
}

/** Whether an object carries the label of this set. */
export function isMember(object: KubeObject, setId: string): boolean {
  return objectOf(object.metadata.labels)[partOfLabel] === setId;
}

/** The member to compare with; undefined if it was listed in another version, whose fields may differ. */
export function liveVersionOf(live: Live, wanted: KubeObject): KubeObject | undefined {
  const member = live.members.get(refKey(refOf(wanted)));
  return member?.apiVersion === wanted.apiVersion ? member : undefined;
}
