import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { fieldManager } from '../inventory/applyset.ts';
import { isOwnEntry, unionOfFields } from '../managed-fields.ts';
import { isDeployer } from './deployer.ts';
import type { Owner } from './owner.ts';

/** The names of kubectl itself; with `--field-manager` it has another name, and is recognised by its annotation. */
const clientSide = new Set(['kubectl-client-side-apply', 'before-first-apply']);
/** The names of kubectl if a person sends whole files. */
const byHand = new Set(['kubectl', 'kubectl-create', 'kubectl-replace', 'kubectl-last-applied']);
const lastApplied: Owner['evidence'] = {
  in: 'annotations',
  key: 'kubectl.kubernetes.io/last-applied-configuration',
};

/**
 * The managedFields with the fields of whoever deployed the object before as Slipway's own, so that the next apply removes
 * what the files no longer hold; undefined if nothing is to move. As kubectl migrates from client-side to server-side
 * apply (client-go, util/csaupgrade): only entries of one version can be joined, and entries of a subresource (a scale, a
 * status) are left alone.
 */
export function migrated(object: KubeObject, wanted: KubeObject, from: Taken): JsonValue[] | undefined {
  const { apiVersion } = wanted;
  const entries = listOf(object.metadata.managedFields).filter(isObject);
  const own = entries.find(isOwnEntry);
  const movable = entries.filter((entry) => isMovable(entry, object, wanted, from));
  if (movable.length === 0) return undefined;
  const versions = movable.map((entry) => textOf(entry.apiVersion));
  const version = own ? textOf(own.apiVersion) : (versions.find((one) => one === apiVersion) ?? versions[0]);
  const moved = movable.filter((entry) => entry.apiVersion === version);
  if (moved.length === 0) return undefined;
  const fieldsV1 = [...(own ? [own] : []), ...moved].map(fieldsOf).reduce(unionOfFields);
  const joined = {
    ...(own ?? moved[0]),
    manager: fieldManager,
    operation: 'Apply',
    fieldsV1,
  };
  return [...entries.filter((entry) => entry !== own && !moved.includes(entry)), joined];
}

interface Taken {
  adopt: boolean;
  owner: Owner | undefined;
}

/** The owner's manager has no fixed name (Helm's is that of its binary): it is the one that wrote the evidence. */
function isMovable(entry: JsonObject, object: KubeObject, wanted: KubeObject, from: Taken): boolean {
  if (isOwnEntry(entry) || textOf(entry.subresource) !== '') return false;
  if (isClientSide(entry)) return true;
  if (!from.adopt) return false;
  const isOwners = from.owner !== undefined && wrote(entry, from.owner.evidence);
  return isOwners || byHand.has(textOf(entry.manager)) || isDeployer(entry, object, wanted);
}

/** The entries that kubectl migrates (`migrateToSSAIfNecessary`). `kubectl edit` writes the annotation too, for a person. */
function isClientSide(entry: JsonObject): boolean {
  if (entry.operation !== 'Update' || entry.manager === 'kubectl-edit') return false;
  return clientSide.has(textOf(entry.manager)) || wrote(entry, lastApplied);
}

function wrote(entry: JsonObject, evidence: Owner['evidence']): boolean {
  if (evidence.in === 'managers') return entry.manager === evidence.key;
  const metadata = objectOf(fieldsOf(entry)['f:metadata']);
  return `f:${evidence.key}` in objectOf(metadata[`f:${evidence.in}`]);
}

function fieldsOf(entry: JsonObject): JsonObject {
  return objectOf(entry.fieldsV1);
}
