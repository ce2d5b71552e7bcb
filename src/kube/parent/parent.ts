import { SlipwayError } from '../../errors.ts';
import type { JsonObject } from '../../model/object.ts';
import type { Target, TargetId } from '../../model/target.ts';
import type { ParentRecord } from '../../ports/cluster.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import { listOf, objectOf, textsOf } from '../json.ts';
import { slipwayVersion } from '../slipway-version.ts';
import {
  applySetId,
  emptyInventory,
  type Inventory,
  idLabel,
  inventoryAnnotations,
  type ParentKey,
  parentManager,
  parentName,
  readInventory,
  targetAnnotation,
  toolingAnnotation,
  toolName,
  toolOf,
} from './applyset.ts';
import { encodeFinished, type FinishedJobs } from './finished-jobs.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import { encodeWritten, type Written } from './written.ts';

/** The ConfigMap that a target's ApplySet hangs on, as it was last read or written. */
export interface Parent {
  key: ParentKey;
  id: string;
  target: TargetId;
  inventory: Inventory;
  /** Undefined: never written with a record. */
  record: ParentRecord | undefined;
  finished: FinishedJobs;
  written: Written;
  /** Undefined: it does not exist yet. */
  resourceVersion: string | undefined;
  /** The ConfigMap itself; undefined: it does not exist yet. */
  body: JsonObject | undefined;
}

const notYetExisting = '1';

/** Throws OBJECT_OWNED where the parent belongs to somebody else, CLUSTER_*. */
export async function readParent(
  client: KubeClient,
  stateNamespace: string,
  target: Target,
  signal?: AbortSignal,
): Promise<Parent> {
  return read(client, keyOf(stateNamespace, target), target.id, signal);
}

/** For `parentFrom`; without what only the API server needs of it. */
export function parentText({ body }: Parent): string | undefined {
  if (!body) return undefined;
  const { managedFields: _fields, ...metadata } = objectOf(body.metadata);
  return JSON.stringify({ ...body, metadata });
}

/** The parent that was kept as text by `parentText`, looked at as one that was read. Undefined where it is none. */
export function parentFrom(text: string, stateNamespace: string, target: Target): Parent | undefined {
  try {
    return parseParent(keyOf(stateNamespace, target), target.id, JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The parent as it is now. Throws as `readParent` does. */
export function rereadParent(client: KubeClient, parent: Parent, signal?: AbortSignal): Promise<Parent> {
  return read(client, parent.key, parent.target, signal);
}

function keyOf(stateNamespace: string, target: Target): ParentKey {
  return { name: parentName(target, target.id), namespace: stateNamespace };
}

async function read(
  client: KubeClient,
  key: ParentKey,
  target: TargetId,
  signal: AbortSignal | undefined,
): Promise<Parent> {
  try {
    const answer = await client.request({ path: pathOf(key), signal });
    return parseParent(key, target, answer.body);
  } catch (error) {
    if (!isApiError(error, 404)) throw error;
    const id = applySetId(key);
    return {
      key,
      id,
      target,
      inventory: emptyInventory,
      record: undefined,
      finished: {},
      written: {},
      resourceVersion: undefined,
      body: undefined,
    };
  }
}

export interface ParentChange {
  inventory: Inventory;
  record: ParentRecord | undefined;
  /** Undefined: what it is stays. */
  finished?: FinishedJobs | undefined;
  /** Undefined: what it is stays. */
  written?: Written | undefined;
}

/**
 * Writes the whole parent, since server-side apply drops what its manager leaves out. Carries the resourceVersion
 * that was read, so that the API server refuses a run that was overtaken: CLUSTER_CONFLICT.
 */
export async function writeParent(
  client: KubeClient,
  parent: Parent,
  change: ParentChange,
  signal?: AbortSignal,
): Promise<Parent> {
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
  let answer: { body: JsonObject };
  try {
    answer = await send();
  } catch (error) {
    if (!isApiError(error, 404)) throw error;
    await createNamespace(client, parent.key.namespace, signal);
    answer = await send();
  }
  return parseParent(parent.key, parent.target, answer.body);
}

function manifest(parent: Parent, change: ParentChange): JsonObject {
  const { name, namespace } = parent.key;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace,
      resourceVersion: parent.resourceVersion ?? notYetExisting,
      labels: { [idLabel]: parent.id, 'app.kubernetes.io/managed-by': toolName },
      annotations: {
        [toolingAnnotation]: `${toolName}/${slipwayVersion}`,
        [targetAnnotation]: parent.target,
        ...inventoryAnnotations(change.inventory, namespace),
      },
    },
    data: {
      ...(change.record ? encodeRecord(change.record) : {}),
      ...encodeFinished(change.finished ?? parent.finished),
      ...encodeWritten(change.written ?? parent.written),
    },
  };
}

/** Whoever can write here could make Slipway prune: so nothing is believed that does not fit together. */
function parseParent(key: ParentKey, target: TargetId, body: JsonObject): Parent {
  const metadata = objectOf(body.metadata);
  const annotations = objectOf(metadata.annotations);
  const id = applySetId(key);
  const expected: [string, unknown, string][] = [
    ['tooling', toolOf(String(annotations[toolingAnnotation] ?? '')), toolName],
    ['id', objectOf(metadata.labels)[idLabel], id],
    ['target', annotations[targetAnnotation], target],
  ];
  for (const [what, found, wanted] of expected) {
    if (found !== wanted) throw foreignParent(key, what, found, wanted);
  }
  const data = objectOf(body.data);
  return {
    key,
    id,
    target,
    inventory: readInventory(annotations, key.namespace),
    record: 'history' in data ? decodeRecord(target, data) : undefined,
    // What cannot be read is forgotten: a Job then runs once more, and members are listed.
    finished: textsOf(data.finishedJobs),
    written: textsOf(data.written),
    resourceVersion: String(metadata.resourceVersion),
    body,
  };
}

function foreignParent(key: ParentKey, what: string, found: unknown, wanted: string): SlipwayError {
  const object = `ConfigMap ${key.namespace}/${key.name}`;
  const message = `${object} has the ${what} "${String(found ?? '')}" and not "${wanted}": it is not this target's`;
  return new SlipwayError('OBJECT_OWNED', message, {
    object,
    hint: 'Find out who changed it. Delete it only if its members may be taken over by the next release.',
  });
}

/** The records of all targets on a cluster; parents that do not fit together are left out. */
export async function listParents(
  client: KubeClient,
  stateNamespace: string,
  signal?: AbortSignal,
): Promise<ParentRecord[]> {
  const answer = await client.request({
    path: pathOf({ namespace: stateNamespace }),
    query: { labelSelector: idLabel },
    signal,
  });
  const { items } = answer.body;
  return listOf(items).flatMap((item) => {
    const parent = parentIn(stateNamespace, objectOf(item));
    return parent ? [parent.record ?? { target: parent.target, history: [] }] : [];
  });
}

function parentIn(namespace: string, item: JsonObject): Parent | undefined {
  const metadata = objectOf(item.metadata);
  const target = objectOf(metadata.annotations)[targetAnnotation];
  if (typeof target !== 'string') return undefined;
  try {
    return parseParent({ name: String(metadata.name), namespace }, target, item);
  } catch {
    return undefined;
  }
}

/** Deletes the parent in the version that was read (CLUSTER_CONFLICT where it changed); gone already is as well. */
export async function deleteParent(client: KubeClient, { key, resourceVersion }: Parent): Promise<void> {
  if (resourceVersion === undefined) return;
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion } };
  try {
    await client.request({ method: 'DELETE', path: pathOf(key), body });
  } catch (error) {
    if (!isApiError(error, 404)) throw error;
  }
}

/** The parent whose set has this id; undefined where no parent of Slipway's on this cluster has it. */
export async function parentOfSet(
  client: KubeClient,
  stateNamespace: string,
  setId: string,
  signal?: AbortSignal,
): Promise<Parent | undefined> {
  const answer = await client.request({
    path: pathOf({ namespace: stateNamespace }),
    query: { labelSelector: `${idLabel}=${setId}` },
    signal,
  });
  const [item] = listOf(answer.body.items);
  return parentIn(stateNamespace, objectOf(item));
}

async function createNamespace(client: KubeClient, name: string, signal?: AbortSignal): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  try {
    await client.request({ method: 'POST', path: '/api/v1/namespaces', body, signal });
  } catch (error) {
    // Another worker's first release made it at the same moment.
    if (!isApiError(error, 409)) throw error;
  }
}

function pathOf(key: { namespace: string; name?: string }): string {
  return `/api/v1/namespaces/${key.namespace}/configmaps${key.name ? `/${key.name}` : ''}`;
}
