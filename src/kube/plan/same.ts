import type { FieldPath } from '../../model/field-path.ts';
import { isObject, sameJson } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { leaveOut } from '../ignore/leave-out.ts';
import { withoutOwned } from '../ignore/owned-fields.ts';
import { elementFinder, ownEntry } from '../managed-fields.ts';

/** Not part of what is applied: what identifies the object, and what the API server fills in or ignores. */
const addressed = new Set(['apiVersion', 'kind']);
const metadataIgnored = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'resourceVersion',
  'uid',
  'generation',
]);

/**
 * Whether applying `wanted` would certainly change nothing: every field of it is live with that value and owned by
 * Slipway, and Slipway owns no field that `wanted` lacks. False if that is not certain (values that the API server writes
 * in another form, atomic lists that it defaulted): the apply then finds out. Fields at `ignored` are not compared.
 */
export function isCertainlySame(wanted: KubeObject, live: KubeObject, ignored: FieldPath[] = []): boolean {
  const entry = ownEntry(live);
  if (!entry || entry.apiVersion !== wanted.apiVersion || live.apiVersion !== wanted.apiVersion) return false;
  const { metadata, ...rest } = leaveOut(wanted, live, ignored);
  const fields = withoutOwned(entry.fields, live, ignored);
  const status = 'f:status' in fields ? [] : ['status'];
  const body = without(rest, new Set([...addressed, ...status]));
  const meta = without(metadata, metadataIgnored);
  const { 'f:metadata': ownedMeta, ...owned } = fields;
  const metaSame =
    Object.keys(meta).length === 0
      ? ownedMeta === undefined
      : isObject(ownedMeta) && sameObject(meta, live.metadata, ownedMeta);
  return metaSame && sameObject(body, live, owned);
}

function without(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)));
}

function sameValue(
  wanted: JsonValue | undefined,
  live: JsonValue | undefined,
  owned: JsonValue | undefined,
): boolean {
  if (wanted === undefined || wanted === null || live === undefined || !isObject(owned)) return false;
  const isLeaf = Object.keys(owned).length === 0;
  if (Array.isArray(wanted)) {
    if (isLeaf) return sameJson(wanted, live);
    return Array.isArray(live) && sameList(wanted, live, owned);
  }
  if (!isObject(wanted)) return isLeaf && wanted === live;
  if (isLeaf) return sameJson(wanted, live);
  return isObject(live) && sameObject(wanted, live, owned);
}

function sameObject(wanted: JsonObject, live: JsonObject, owned: JsonObject): boolean {
  const ownedKeys = Object.keys(owned).filter((key) => key !== '.');
  const wantedKeys = Object.keys(wanted);
  if (ownedKeys.length !== wantedKeys.length) return false;
  return wantedKeys.every((key) => sameValue(wanted[key], live[key], owned[`f:${key}`]));
}

/** Lists whose entries are owned one by one: by key (`k:{"name":"app"}`) or by value (`v:"finalizer"`). */
function sameList(wanted: JsonValue[], live: JsonValue[], owned: JsonObject): boolean {
  const ownedKeys = Object.keys(owned).filter((key) => key !== '.');
  if (ownedKeys.length !== wanted.length) return false;
  const inFile = elementFinder(wanted);
  const onCluster = elementFinder(live);
  const places = ownedKeys
    .map((element) => ({ element, at: inFile(element), liveAt: onCluster(element) }))
    .sort((a, b) => a.at - b.at);
  return places.every(({ element, at, liveAt }, index) => {
    // Each entry once, and none missing. An apply sorts the entries into the order of the file.
    if (at !== index || liveAt <= (places[index - 1]?.liveAt ?? -1)) return false;
    return element.startsWith('v:') || sameValue(wanted[at], live[liveAt], owned[element]);
  });
}
