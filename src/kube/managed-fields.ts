import { isObject, listOf, sameJson, textOf } from '../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../model/object.ts';
import { fieldManager } from './inventory/applyset.ts';

/** One entry of metadata.managedFields. */
export interface ManagerEntry {
  manager: string;
  operation: string;
  apiVersion: string;
  subresource: string;
  fields: JsonObject;
}

export function managerEntries(object: KubeObject): ManagerEntry[] {
  return listOf(object.metadata.managedFields).flatMap((entry) => {
    if (!isObject(entry) || !isObject(entry.fieldsV1)) return [];
    const { manager, operation, apiVersion, subresource, fieldsV1 } = entry;
    const texts = { manager: textOf(manager), operation: textOf(operation), apiVersion: textOf(apiVersion) };
    return [{ ...texts, subresource: textOf(subresource), fields: fieldsV1 }];
  });
}

/** The entry of what Slipway applied; undefined: this object was never applied by it, or its entry was wiped. */
export function ownEntry(object: KubeObject): ManagerEntry | undefined {
  return managerEntries(object).find(isOwnEntry);
}

/** Whether an entry, raw or as a ManagerEntry, is the one of what Slipway applied. */
export function isOwnEntry(entry: {
  manager?: unknown;
  operation?: unknown;
  subresource?: unknown;
}): boolean {
  return entry.manager === fieldManager && entry.operation === 'Apply' && !entry.subresource;
}

/** Whether a name of fieldsV1 denotes this entry of a list: by key (`k:{"name":"app"}`) or by value (`v:"a"`). */
export function isExactElement(element: string, entry: JsonValue): boolean {
  const wanted = elementValue(element);
  if (element.startsWith('v:')) return sameJson(wanted, entry);
  if (!isObject(wanted) || !isObject(entry)) return false;
  return Object.entries(wanted).every(([key, value]) => entry[key] === value);
}

/**
 * Whether a name of fieldsV1 denotes an entry as a file has it. A key that the file leaves out was defaulted by the API
 * server (a port's protocol).
 */
export function isElement(element: string, entry: JsonValue): boolean {
  const wanted = elementValue(element);
  if (element.startsWith('v:')) return sameJson(wanted, entry);
  if (!isObject(wanted) || !isObject(entry)) return false;
  return Object.entries(wanted).every(([key, value]) => !(key in entry) || entry[key] === value);
}

/** The key or the value in a name of fieldsV1; undefined if it denotes no entry of a list. */
export function elementValue(element: string): JsonValue | undefined {
  if (!element.startsWith('k:') && !element.startsWith('v:')) return undefined;
  const value: JsonValue = JSON.parse(element.slice(2));
  return value;
}

/** The managers that lost a forced conflict: they owned a field before that only Slipway owns after. */
export function losers(before: KubeObject, after: KubeObject): string[] {
  const ours = ownEntry(after);
  if (!ours) return [];
  const lost = managerEntries(before)
    .filter((entry) => entry.manager !== fieldManager || entry.operation !== 'Apply')
    .filter((entry) => lostAny(entry.fields, sameManager(after, entry)?.fields, ours.fields));
  return [...new Set(lost.map((entry) => entry.manager))];
}

function sameManager(object: KubeObject, wanted: ManagerEntry): ManagerEntry | undefined {
  return managerEntries(object).find(
    (entry) =>
      entry.manager === wanted.manager &&
      entry.operation === wanted.operation &&
      entry.subresource === wanted.subresource,
  );
}

/** Whether a leaf of `had` is gone from `has` and is in `ours`. */
function lostAny(had: JsonObject, has: JsonObject | undefined, ours: JsonObject): boolean {
  return Object.entries(had).some(([key, child]) => {
    const mine = ours[key];
    if (!isObject(child) || !isObject(mine)) return false;
    const kept = has?.[key];
    const isLeaf = Object.keys(child).length === 0;
    if (isLeaf) return kept === undefined;
    return lostAny(child, isObject(kept) ? kept : undefined, mine);
  });
}
