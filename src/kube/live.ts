import { SlipwayError } from '../errors.ts';
import { type KubeObject, refKey, refOf } from '../model/object.ts';
import { parseGroupKind, partOfLabel } from './applyset.ts';
import type { KubeClient } from './client/client.ts';
import type { Discovery } from './discovery/discovery.ts';
import { collectionPath, type Resource } from './discovery/resource.ts';
import { isObject, listOf, objectOf } from './json.ts';
import type { Parent } from './parent.ts';

/** What is live of a target, read by the label of its set. */
export interface Live {
  /** By `refKey`; each in the version that the server prefers for its kind. */
  members: Map<string, KubeObject>;
  /** Why members may be missing from this list. Empty: it is complete. */
  gaps: string[];
}

/**
 * Lists the members of a set: every kind of the inventory in every namespace of it. Kinds that the cluster no
 * longer serves have none; one that cannot be asked for is a gap, after which nothing may be pruned.
 */
export async function readLive(
  client: KubeClient,
  discovery: Discovery,
  parent: Parent,
  signal: AbortSignal,
): Promise<Live> {
  const live: Live = { members: new Map(), gaps: [] };
  const { groupKinds, namespaces } = parent.inventory;
  if (groupKinds.size === 0) return live;
  const catalog = await discovery.catalog(signal);
  live.gaps.push(...catalog.stale.map((groupVersion) => `the API ${groupVersion} is down`));
  await Promise.all(
    [...groupKinds].map(async (text) => {
      const resource = await discovery.resource(parseGroupKind(text), signal);
      if (!resource) return;
      const places = resource.namespaced ? [...namespaces] : [undefined];
      await Promise.all(places.map((place) => addMembers(client, live, resource, place, parent.id, signal)));
    }),
  );
  return live;
}

async function addMembers(
  client: KubeClient,
  live: Live,
  resource: Resource,
  namespace: string | undefined,
  setId: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const labelSelector = `${partOfLabel}=${setId}`;
    const path = collectionPath(resource, namespace);
    const { body } = await client.request({ path, query: { labelSelector }, signal });
    for (const item of listOf(body.items)) {
      const member = withType(item, resource);
      if (member) live.members.set(refKey(refOf(member)), member);
    }
  } catch (error) {
    // The kind went away between discovery and the list; the next discovery says so.
    if (error instanceof SlipwayError && error.code === 'NOT_FOUND') return;
    if (!(error instanceof SlipwayError) || error.code !== 'CLUSTER_FORBIDDEN') throw error;
    const where = namespace ? ` in namespace ${namespace}` : '';
    live.gaps.push(`Slipway's account may not list ${resource.resource}${where}`);
  }
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

/** The member to compare with: none where it was listed in another version, whose fields may differ. */
export function liveTwin(live: Live, wanted: KubeObject): KubeObject | undefined {
  const member = live.members.get(refKey(refOf(wanted)));
  return member?.apiVersion === wanted.apiVersion ? member : undefined;
}
