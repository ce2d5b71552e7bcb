import { isObject } from '../../model/json.ts';
import { isSealed } from '../../model/masks.ts';
import type { JsonObject, JsonValue } from '../../model/object.ts';

/** Keys (`listMapKeys`) of the lists of the Kubernetes API; the first that fits is used. */
const candidateKeys: string[][] = [
  ['name'],
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
  ['mountPath'],
  ['devicePath'],
  ['ip'],
  ['topologyKey', 'whenUnsatisfiable'],
  ['uid'],
  ['type'],
  ['key'],
  ['host'],
  ['path'],
];

/** How to name an entry in a path: `name=app`, `port=80,protocol=TCP`; undefined if no key makes the entries unique. */
export function listKey(...lists: JsonValue[][]): ((entry: JsonValue) => string) | undefined {
  const fields = keyFields(...lists);
  return fields && ((entry) => nameOf(entry, fields));
}

/** The key fields that make the entries of each of these lists unique; undefined if there are none. */
export function keyFields(...lists: JsonValue[][]): string[] | undefined {
  const entries = lists.flat();
  if (entries.length === 0 || !entries.every(isObject)) return undefined;
  return candidateKeys.find(
    (fields) =>
      entries.every((entry) => hasScalars(entry, fields)) && lists.every((list) => isUnique(list, fields)),
  );
}

/** `name=app`, `port=80,protocol=TCP`. */
export function nameOf(entry: JsonValue, fields: string[]): string {
  return fields.map((field) => `${field}=${isObject(entry) ? String(entry[field]) : ''}`).join(',');
}

/** A key may not be unique: one volume can be mounted at several paths. */
function isUnique(list: JsonValue[], fields: string[]): boolean {
  return new Set(list.map((entry) => nameOf(entry, fields))).size === list.length;
}

function hasScalars(entry: JsonValue, fields: string[]): boolean {
  return isObject(entry) && fields.every((field) => isScalar(entry, field));
}

/** A hidden value is never a key: the key is part of every path into the entry. */
function isScalar(entry: JsonObject, field: string): boolean {
  if (isSealed(entry[field])) return false;
  return typeof entry[field] === 'string' || typeof entry[field] === 'number';
}
