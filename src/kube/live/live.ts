import { isObject, listOf, objectOf } from '../../model/json.ts';
import { type JsonValue, type KubeObject, type ObjectRef, refKey, refOf } from '../../model/object.ts';
import { isApiError, isUnconvertible } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import type { Catalog, Discovery } from '../discovery/discovery.ts';
import { collectionPath, type Resource } from '../discovery/resource.ts';
import { parseGroupKind, partOfLabel } from '../inventory/applyset.ts';
import type { ApplySetParent } from '../inventory/parent.ts';
import { writtenVersion } from '../inventory/written.ts';
import { versionOf } from '../resource-version.ts';
import type { Gap } from './gap.ts';
import type { InventoryCache } from './inventory-cache.ts';
import type { SharedLists } from './shared-lists.ts';

/** The members of a target's set on the cluster, read by its label. */
export interface Live {
  /** By `refKey`; each in the API version that the server prefers for its kind. */
  members: Map<string, KubeObject>;
  /** The kinds whose members may be missing from this list for now. */
  gaps: Gap[];
  /** The collections that were listed, and not known from a watch, with the version of each list. */
  listed: (Pick<ObjectRef, 'group' | 'kind' | 'namespace'> & { version: number })[];
  /** What may not be listed: `configmaps in namespace loans`. */
  forbidden: string[];
}

interface LivePorts {
  client: KubeClient;
  discovery: Discovery;
  lists: SharedLists;
  cache: InventoryCache;
}

interface LiveOptions {
  /** The account that the objects are written as. */
  account: string | undefined;
  /** Whether the watched state may be used if it has reached the versions that were written. */
  trusted: boolean;
  signal: AbortSignal;
}

/**
 * Lists the members of a set: every kind of the inventory in every namespace of it. Kinds that the cluster no longer
 * serves have none. A kind that cannot be read for now is a gap, and nothing of it may be pruned; after a refusal nothing
 * at all. Reads with Slipway's own account, else with the one that the objects are written as. Rejects with CLUSTER_* if a
 * list fails for another reason.
 */
export async function readLive(
  ports: LivePorts,
  parent: ApplySetParent,
  options: LiveOptions,
): Promise<Live> {
  const { discovery } = ports;
  const { signal } = options;
  const live: Live = { members: new Map(), gaps: [], listed: [], forbidden: [] };
  const { groupKinds, namespaces } = parent.inventory;
  if (groupKinds.size === 0) return live;
  const list = lister(ports, parent, options);
  const catalog = await discovery.catalog(signal);
  live.gaps.push(...downApis(catalog, groupKinds));
  await Promise.all(
    [...groupKinds].map(async (text) => {
      const resource = await discovery.resource(parseGroupKind(text), signal);
      if (!resource) return;
      const scopes = resource.namespaced ? [...namespaces] : [undefined];
      await Promise.all(scopes.map((namespace) => addMembers(live, resource, namespace, list)));
    }),
  );
  return live;
}

/** Only the groups of the inventory count: no member can be missing from another one. */
function downApis({ stale }: Catalog, groupKinds: ReadonlySet<string>): Gap[] {
  return [...groupKinds].flatMap((text) => {
    const { group, kind } = parseGroupKind(text);
    const down = stale.filter((groupVersion) => groupVersion.split('/')[0] === group);
    return down.map((groupVersion) => {
      const [, version = ''] = groupVersion.split('/');
      return { group, version, kind, reason: `the API ${groupVersion} is down` };
    });
  });
}

/** `version`: that of the list; undefined if a watch knows the members. */
type List = (
  resource: Resource,
  namespace: string | undefined,
) => Promise<{ items: JsonValue[]; version?: number }>;

async function addMembers(
  live: Live,
  resource: Resource,
  namespace: string | undefined,
  list: List,
): Promise<void> {
  const { group, version: listed, kind } = resource;
  try {
    const { items, version } = await list(resource, namespace);
    if (version !== undefined) live.listed.push({ group, kind, namespace, version });
    for (const item of items) {
      const member = withType(item, resource);
      if (member) live.members.set(refKey(refOf(member)), member);
    }
  } catch (error) {
    // The kind was removed between discovery and the list; the next discovery shows it.
    if (isApiError(error, 404)) return;
    const what = `${resource.resource}${namespace ? ` in namespace ${namespace}` : ''}`;
    if (isApiError(error, 403)) live.forbidden.push(what);
    else if (!isUnconvertible(error)) throw error;
    else {
      const reason = `${what} cannot be converted to ${listed}`;
      live.gaps.push({ group, version: listed, kind, namespace, reason });
    }
  }
}

function lister({ client, lists, cache }: LivePorts, parent: ApplySetParent, options: LiveOptions): List {
  const { account, trusted, signal } = options;
  const query = { labelSelector: `${partOfLabel}=${parent.id}` };
  return async (resource, namespace) => {
    const path = collectionPath(resource, namespace);
    const known = trusted ? cache.known(path, parent.id) : undefined;
    const { group, kind } = resource;
    if (known && known.version >= writtenVersion(parent.written, { group, kind, namespace }))
      return { items: known.objects };
    cache.follow(path);
    try {
      return await lists.members(path, parent.id, signal);
    } catch (error) {
      if (!isApiError(error, 403) || account === undefined) throw error;
      const { body } = await client.request({ path, query, as: account, signal });
      return { items: listOf(body.items), version: versionOf(body) };
    }
  };
}

/** The items of a list have no apiVersion and kind of their own. */
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

/** Whether an object has the label of this set. */
export function isMember(object: KubeObject, setId: string): boolean {
  return objectOf(object.metadata.labels)[partOfLabel] === setId;
}

/** The member to compare with; undefined if it was listed in another version, whose fields may differ. */
export function liveVersionOf(live: Live, wanted: KubeObject): KubeObject | undefined {
  const member = live.members.get(refKey(refOf(wanted)));
  return member?.apiVersion === wanted.apiVersion ? member : undefined;
}
