import { SlipwayError } from '../../errors.ts';
import { objectOf, parseStringMap, textOf } from '../../model/json.ts';
import type { JsonObject } from '../../model/object.ts';
import { parseTargetId, type Target, type TargetId, type TargetParts } from '../../model/target.ts';
import type { ParentRecord } from '../../ports/cluster.ts';
import { slipwayVersion } from '../slipway-version.ts';
import {
  applySetId,
  earlierParentName,
  emptyInventory,
  type Inventory,
  idLabel,
  inventoryAnnotations,
  type ParentKey,
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

/** The ConfigMap that is the parent of a target's ApplySet, as it was last read or written. */
export interface ApplySetParent {
  key: ParentKey;
  id: string;
  target: TargetId;
  inventory: Inventory;
  /** Undefined: never written with a record. */
  record: ParentRecord | undefined;
  finished: FinishedJobs;
  written: Written;
  /** A release has taken objects over, so the target was never installed: all its releases are upgrades. */
  takenOver: boolean;
  /** Ids of hook runs that ended well in earlier attempts of a release that has not ended. */
  hookRuns: readonly string[];
  /** Undefined: it does not exist yet. */
  resourceVersion: string | undefined;
  /** The ConfigMap itself; undefined: it does not exist yet. */
  body: JsonObject | undefined;
}

const notYetExisting = '1';

/** The parent as JSON for `parentFrom`, without its managedFields. Undefined if it does not exist yet. */
export function parentText({ body }: ApplySetParent): string | undefined {
  if (!body) return undefined;
  const { managedFields: _fields, ...metadata } = objectOf(body.metadata);
  return JSON.stringify({ ...body, metadata });
}

/** The parent from the text of `parentText`, checked like one that was read. Undefined if it fails the checks. */
export function parentFrom(text: string, stateNamespace: string, target: Target): ApplySetParent | undefined {
  try {
    const parent = parentIn(stateNamespace, objectOf(JSON.parse(text)));
    return parent?.target === target.id ? parent : undefined;
  } catch {
    return undefined;
  }
}

/** Where a target's parent is, and where it is if an earlier version made it. */
export function keysOf(namespace: string, target: TargetParts & { id: TargetId }): [ParentKey, ParentKey] {
  return [
    { name: parentName(target, target.id), namespace },
    { name: earlierParentName(target, target.id), namespace },
  ];
}

/** A parent that does not exist yet. */
export function newParent(key: ParentKey, target: TargetId): ApplySetParent {
  return {
    key,
    id: applySetId(key),
    target,
    inventory: emptyInventory,
    record: undefined,
    finished: {},
    written: {},
    takenOver: false,
    hookRuns: [],
    resourceVersion: undefined,
    body: undefined,
  };
}

/** What is written to a parent. */
export interface ApplySetParentChange {
  inventory: Inventory;
  record: ParentRecord | undefined;
  /** Undefined: unchanged. */
  finished?: FinishedJobs | undefined;
  /** Undefined: unchanged. */
  written?: Written | undefined;
  /** Undefined: unchanged. */
  takenOver?: boolean | undefined;
  /** Undefined: unchanged. */
  hookRuns?: readonly string[] | undefined;
}

/** The whole ConfigMap as it is applied: server-side apply drops what its manager leaves out. */
export function manifest(parent: ApplySetParent, change: ApplySetParentChange): JsonObject {
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
      ...((change.takenOver ?? parent.takenOver) ? { takenOver: 'true' } : {}),
      ...encodeHookRuns(change.hookRuns ?? parent.hookRuns),
    },
  };
}

function encodeHookRuns(runs: readonly string[]): { hookRuns?: string } {
  return runs.length > 0 ? { hookRuns: runs.join(' ') } : {};
}

/**
 * Reads a ConfigMap as the parent of this target. Whoever can write it could make Slipway prune, so an inconsistent one
 * is refused: throws OBJECT_OWNED.
 */
export function parseParent(key: ParentKey, target: TargetId, body: JsonObject): ApplySetParent {
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
    // Unreadable data is ignored: a Job then runs once more, and members are listed.
    finished: parseStringMap(data.finishedJobs),
    written: parseStringMap(data.written),
    takenOver: data.takenOver === 'true',
    hookRuns: textOf(data.hookRuns).split(' ').filter(Boolean),
    resourceVersion: String(metadata.resourceVersion),
    body,
  };
}

function foreignParent(key: ParentKey, what: string, found: unknown, wanted: string): SlipwayError {
  const summary = `it has the ${what} "${String(found ?? '')}" and not "${wanted}": it is not this target's`;
  return new SlipwayError('OBJECT_OWNED', summary, {
    object: { group: '', version: 'v1', kind: 'ConfigMap', ...key },
    hint: 'Find out who changed it. Delete it only if its members may be taken over by the next release.',
  });
}

/** A ConfigMap as a parent; undefined if it is inconsistent, or has not a name of the target that it says it is for. */
export function parentIn(namespace: string, item: JsonObject): ApplySetParent | undefined {
  const { name, annotations } = objectOf(item.metadata);
  const id = textOf(objectOf(annotations)[targetAnnotation]);
  const parts = parseTargetId(id);
  const key = parts && keysOf(namespace, { ...parts, id }).find((one) => one.name === name);
  if (!key) return undefined;
  try {
    return parseParent(key, id, item);
  } catch {
    return undefined;
  }
}
