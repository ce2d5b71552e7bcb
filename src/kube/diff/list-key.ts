import type { JsonObject, JsonValue } from '../../model/object.ts';
import { isObject } from '../json.ts';
import { isSealed } from '../masks.ts';

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

/** How an entry is named in a path: `name=app`, `port=80,protocol=TCP`; undefined where they have no key in common. */
export function listKey(entries: JsonValue[]): ((entry: JsonValue) => string) | undefined {
  const fields = keyFields(entries);
  if (!fields) return undefined;
  return (entry) =>
    fields.map((field) => `${field}=${isObject(entry) ? String(entry[field]) : ''}`).join(',');
}

/** The fields that tell these entries apart. */
export function keyFields(entries: JsonValue[]): string[] | undefined {
  if (entries.length === 0 || !entries.every(isObject)) return undefined;
  return keys.find((candidate) => entries.every((entry) => hasScalars(entry, candidate)));
}

function hasScalars(entry: JsonValue, fields: string[]): boolean {
  return isObject(entry) && fields.every((field) => isScalar(entry, field));
}

/** What is hidden names no entry: its name is part of every path into it. */
function isScalar(entry: JsonObject, field: string): boolean {
  if (isSealed(entry[field])) return false;
  return typeof entry[field] === 'string' || typeof entry[field] === 'number';
}
