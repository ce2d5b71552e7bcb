import type { JsonObject, JsonValue } from '../../model/object.ts';
import { isObject } from '../json.ts';

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
  if (entries.length === 0 || !entries.every(isObject)) return undefined;
  const fields = keys.find((candidate) => entries.every((entry) => hasScalars(entry, candidate)));
  if (!fields) return undefined;
  return (entry) =>
    fields.map((field) => `${field}=${isObject(entry) ? String(entry[field]) : ''}`).join(',');
}

function hasScalars(entry: JsonValue, fields: string[]): boolean {
  return isObject(entry) && fields.every((field) => isScalar(entry, field));
}

function isScalar(entry: JsonObject, field: string): boolean {
  return typeof entry[field] === 'string' || typeof entry[field] === 'number';
}
