import { listOf, objectOf } from '../../model/json.ts';
import type { JsonObject } from '../../model/object.ts';
import type { Target } from '../../model/target.ts';
import type { RecordedTarget } from '../../ports/cluster.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import { idLabel, type ParentKey, parentManager } from './applyset.ts';
import {
  type ApplySetParent,
  type ApplySetParentChange,
  keysOf,
  manifest,
  newParent,
  parentIn,
  parseParent,
} from './parent.ts';

/**
 * Looks first where a parent is made now, and then where an earlier version made it. Throws OBJECT_OWNED if it belongs to
 * somebody else, and CLUSTER_*.
 */
export async function readParent(
  client: KubeClient,
  stateNamespace: string,
  target: Target,
  signal?: AbortSignal,
): Promise<ApplySetParent> {
  const [key, earlier] = keysOf(stateNamespace, target);
  const body = await read(client, key, signal);
  if (body) return parseParent(key, target.id, body);
  const old = await read(client, earlier, signal);
  const isOfAnother = old && (parentIn(stateNamespace, old)?.target ?? target.id) !== target.id;
  return old && !isOfAnother ? parseParent(earlier, target.id, old) : newParent(key, target.id);
}

/** The parent as it is now. Throws as `readParent` does. */
export async function rereadParent(
  client: KubeClient,
  { key, target }: ApplySetParent,
  signal?: AbortSignal,
): Promise<ApplySetParent> {
  const body = await read(client, key, signal);
  return body ? parseParent(key, target, body) : newParent(key, target);
}

/** Undefined if there is none. */
async function read(
  client: KubeClient,
  key: ParentKey,
  signal: AbortSignal | undefined,
): Promise<JsonObject | undefined> {
  try {
    return (await client.request({ path: pathOf(key), signal })).body;
  } catch (error) {
    if (!isApiError(error, 404)) throw error;
    return undefined;
  }
}

/**
 * Writes the whole parent. Carries the resourceVersion that was read, so that the API server refuses a run that was
 * overtaken: CLUSTER_CONFLICT.
 */
export async function writeParent(
  client: KubeClient,
  parent: ApplySetParent,
  change: ApplySetParentChange,
  signal?: AbortSignal,
): Promise<ApplySetParent> {
  const body = manifest(parent, change);
  const send = () =>
    client.request({
      method: 'PATCH',
      path: pathOf(parent.key),
      query: { fieldManager: parentManager, force: true, fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body,
      signal,
    });
  let response: { body: JsonObject };
  try {
    response = await send();
  } catch (error) {
    if (!isApiError(error, 404)) throw error;
    await createNamespace(client, parent.key.namespace, signal);
    response = await send();
  }
  return parseParent(parent.key, parent.target, response.body);
}

/** The records of all targets on a cluster; inconsistent parents are left out. */
export async function listParents(
  client: KubeClient,
  stateNamespace: string,
  signal?: AbortSignal,
): Promise<RecordedTarget[]> {
  const response = await client.request({
    path: pathOf({ namespace: stateNamespace }),
    query: { labelSelector: idLabel },
    signal,
  });
  const { items } = response.body;
  return listOf(items).flatMap((item) => {
    const parent = parentIn(stateNamespace, objectOf(item));
    if (!parent) return [];
    const record = parent.record ?? { target: parent.target, history: [] };
    return [{ ...record, namespaces: [...parent.inventory.namespaces].sort() }];
  });
}

/** Deletes the parent in the version that was read (CLUSTER_CONFLICT if it changed), or does nothing if it is gone. */
export async function deleteParent(
  client: KubeClient,
  { key, resourceVersion }: ApplySetParent,
): Promise<void> {
  if (resourceVersion === undefined) return;
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion } };
  try {
    await client.request({ method: 'DELETE', path: pathOf(key), body });
  } catch (error) {
    if (!isApiError(error, 404)) throw error;
  }
}

/** The parent whose set has this id; undefined if no parent of this Slipway has it. */
export async function parentOfSet(
  client: KubeClient,
  stateNamespace: string,
  setId: string,
  signal?: AbortSignal,
): Promise<ApplySetParent | undefined> {
  const response = await client.request({
    path: pathOf({ namespace: stateNamespace }),
    query: { labelSelector: `${idLabel}=${setId}` },
    signal,
  });
  const [item] = listOf(response.body.items);
  return parentIn(stateNamespace, objectOf(item));
}

async function createNamespace(client: KubeClient, name: string, signal?: AbortSignal): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  try {
    await client.request({ method: 'POST', path: '/api/v1/namespaces', body, signal });
  } catch (error) {
    // Another worker's first release created it at the same moment.
    if (!isApiError(error, 409)) throw error;
  }
}

function pathOf(key: { namespace: string; name?: string }): string {
  return `/api/v1/namespaces/${key.namespace}/configmaps${key.name ? `/${key.name}` : ''}`;
}
