import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { fieldManager } from '../applyset.ts';
import { isObject, listOf, objectOf, textOf } from '../json.ts';
import { isOwnEntry } from '../managed-fields.ts';
import type { Owner } from './owner.ts';

/** Managers of whole files sent by hand. What `kubectl edit` or `scale` wrote is a person's change, and stays its own. */
const clientSide = new Set(['kubectl-client-side-apply', 'before-first-apply']);
const byHand = new Set([
  ...clientSide,
  'kubectl',
  'kubectl-create',
  'kubectl-replace',
  'kubectl-last-applied',
]);

/**
 * The managedFields with the fields of who deployed the object before as Slipway's own, so that the next apply
 * removes what the files no longer hold; undefined where nothing is to move. Like kubectl's change from
 * client-side to server-side apply (client-go, util/csaupgrade): only entries of one version can be joined, and
 * entries of a subresource (a scale, a status) are left alone.
 */
export function migrated(
  object: KubeObject,
  apiVersion: string,
  from: { adopt: boolean; owner: Owner | undefined },
): JsonValue[] | undefined {
  const entries = listOf(object.metadata.managedFields).filter(isObject);
  const own = entries.find(isOwnEntry);
  const movable = entries.filter((entry) => isMovable(entry, from));
  if (movable.length === 0) return undefined;
  const versions = movable.map((entry) => textOf(entry.apiVersion));
  const version = own ? textOf(own.apiVersion) : (versions.find((one) => one === apiVersion) ?? versions[0]);
  const moved = movable.filter((entry) => entry.apiVersion === version);
  if (moved.length === 0) return undefined;
  const fieldsV1 = [...(own ? [own] : []), ...moved].map(fieldsOf).reduce(union);
  const joined = {
    ...(own ?? moved[0]),
    manager: fieldManager,
    operation: 'Apply',
    fieldsV1,
  };
  return [...entries.filter((entry) => entry !== own && !moved.includes(entry)), joined];
}

/** The owner's manager has no fixed name (Helm's is that of its program): it is the one that wrote the evidence. */
function isMovable(
  entry: JsonObject,
  { adopt, owner }: { adopt: boolean; owner: Owner | undefined },
): boolean {
  if (isOwnEntry(entry) || textOf(entry.subresource) !== '') return false;
  const manager = textOf(entry.manager);
  if (clientSide.has(manager) && entry.operation === 'Update') return true;
  if (!adopt) return false;
  return byHand.has(manager) || (owner !== undefined && wrote(entry, owner));
}

function wrote(entry: JsonObject, { evidence }: Owner): boolean {
  const metadata = objectOf(fieldsOf(entry)['f:metadata']);
  return `f:${evidence.key}` in objectOf(metadata[`f:${evidence.in}`]);
}

function fieldsOf(entry: JsonObject): JsonObject {
  return objectOf(entry.fieldsV1);
}

/** fieldsV1 is a tree of names: two sets are joined by joining their branches. */
export function union(one: JsonObject, other: JsonObject): JsonObject {
  const joined = { ...one };
  for (const [key, value] of Object.entries(other)) {
    joined[key] = union(objectOf(joined[key]), objectOf(value));
  }
  return joined;
}
