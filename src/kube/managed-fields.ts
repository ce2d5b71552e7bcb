import { counterpartFinder, entryFinder, type FindEntry } from '../model/entry-finder.ts';
import { isObject, listOf, objectOf, textOf } from '../model/json.ts';
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

/**
 * Finds in a list the entry that a name of fieldsV1 denotes, by key (`k:{"name":"app"}`) or by value (`v:"a"`); -1 if
 * there is none. A key that a file leaves out was defaulted by the API server (a port's protocol).
 */
export function elementFinder(list: readonly JsonValue[]): (element: string) => number {
  const byFields = new Map<string, FindEntry>();
  let byValue: Map<string, number> | undefined;
  return (element) => {
    const wanted = elementValue(element);
    if (element.startsWith('v:')) {
      byValue ??= new Map(
        list.map((entry, index): [string, number] => [JSON.stringify(entry), index]).reverse(),
      );
      return byValue.get(JSON.stringify(wanted)) ?? -1;
    }
    if (!isObject(wanted)) return -1;
    const fields = Object.keys(wanted);
    const find = byFields.get(fields.join()) ?? entryFinder(list, fields);
    byFields.set(fields.join(), find);
    return find(wanted);
  };
}

/** The opposite: which of these names of fieldsV1 denotes an entry as a file has it; undefined if none does. */
export function elementNamer(fields: JsonObject): (entry: JsonValue) => string | undefined {
  const names = Object.keys(fields);
  const values = names.map((name) => elementValue(name) ?? null);
  const keyed = values.map((value, index) => (names[index]?.startsWith('k:') ? value : null));
  const find = counterpartFinder(keyed, Object.keys(keyed.find(isObject) ?? {}));
  const byValue = new Map(
    values.flatMap((value, index) => {
      const isValue = names[index]?.startsWith('v:');
      return isValue ? [[JSON.stringify(value), index] as const] : [];
    }),
  );
  return (entry) => names[byValue.get(JSON.stringify(entry)) ?? find(entry)];
}

/** The key or the value in a name of fieldsV1; undefined if it denotes no entry of a list. */
export function elementValue(element: string): JsonValue | undefined {
  if (!element.startsWith('k:') && !element.startsWith('v:')) return undefined;
  const value: JsonValue = JSON.parse(element.slice(2));
  return value;
}

/** The union of two sets of fields; fieldsV1 is a tree of names. */
export function unionOfFields(one: JsonObject, other: JsonObject): JsonObject {
  const joined = { ...one };
  for (const [key, value] of Object.entries(other)) {
    joined[key] = unionOfFields(objectOf(joined[key]), objectOf(value));
  }
  return joined;
}

/** A set of fields without the one at this path of names, and without what is below it. */
export function withoutField(fields: JsonObject, [step = '', ...rest]: string[]): JsonObject {
  const child = fields[step];
  if (!isObject(child)) return fields;
  const { [step]: _removed, ...others } = fields;
  return rest.length === 0 ? others : { ...fields, [step]: withoutField(child, rest) };
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
