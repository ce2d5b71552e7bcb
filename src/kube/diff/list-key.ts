import { isObject } from '../../model/json.ts';
import { isSealed } from '../../model/masks.ts';
import type { JsonObject, JsonValue } from '../../model/object.ts';

/** What tells the entries of the API's keyed lists apart, most telling first (their `listMapKeys`). */
const keys: string[][] = [
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

/** How an entry is named in a path: `name=app`, `port=80,protocol=TCP`; undefined where no key tells them apart. */
export function listKey(...lists: JsonValue[][]): ((entry: JsonValue) => string) | undefined {
  const fields = keyFields(...lists);
  return fields && ((entry) => nameOf(entry, fields));
}

/** The fields that tell the entries of each of these lists apart. */
export function keyFields(...lists: JsonValue[][]): string[] | undefined {
  const entries = lists.flat();
  if (entries.length === 0 || !entries.every(isObject)) return undefined;
  return keys.find(
    (fields) =>
      entries.every((entry) => hasScalars(entry, fields)) && lists.every((list) => differ(list, fields)),
  );
}

function nameOf(entry: JsonValue, fields: string[]): string {
  return fields.map((field) => `${field}=${isObject(entry) ? String(entry[field]) : ''}`).join(',');
}

/** Volumes are mounted by name, and one of them at several places. */
function differ(list: JsonValue[], fields: string[]): boolean {
  return new Set(list.map((entry) => nameOf(entry, fields))).size === list.length;
}

function hasScalars(entry: JsonValue, fields: string[]): boolean {
  return isObject(entry) && fields.every((field) => isScalar(entry, field));
}

/** What is hidden names no entry: its name is part of every path into it. */
function isScalar(entry: JsonObject, field: string): boolean {
  if (isSealed(entry[field])) return false;
  return typeof entry[field] === 'string' || typeof entry[field] === 'number';
}
