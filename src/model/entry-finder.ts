import { isObject } from './json.ts';
import type { JsonObject, JsonValue } from './object.ts';

/** The index of the entry with these key fields; -1 if there is none. */
export type FindEntry = (keys: JsonObject) => number;

interface Group {
  fields: string[];
  /** The first entry of each name. */
  indexes: Map<string, number>;
}

/**
 * Finds the entries of a list by their key fields, in constant time. A key field that an entry lacks matches any value,
 * because the API server defaults it (a port's protocol); an entry that has all of them takes precedence.
 */
export function entryFinder(list: readonly JsonValue[], fields: readonly string[]): FindEntry {
  const groups = new Map<string, Group>();
  for (const [index, entry] of list.entries()) {
    if (!isObject(entry)) continue;
    const present = fields.filter((field) => field in entry);
    const group = groups.get(present.join()) ?? { fields: present, indexes: new Map() };
    groups.set(present.join(), group);
    const name = nameOf(entry, present);
    if (!group.indexes.has(name)) group.indexes.set(name, index);
  }
  const mostFieldsFirst = [...groups.values()].sort((a, b) => b.fields.length - a.fields.length);
  return (keys) => {
    for (const group of mostFieldsFirst) {
      const index = group.indexes.get(nameOf(keys, group.fields));
      if (index !== undefined) return index;
    }
    return -1;
  };
}

/** Finds in a list whose entries have all key fields the one that has those of `entry`; -1 if there is none, or `entry` has none. */
export function counterpartFinder(
  list: readonly JsonValue[],
  fields: readonly string[],
): (entry: JsonValue) => number {
  const finders = new Map<string, FindEntry>();
  return (entry) => {
    const present = isObject(entry) ? fields.filter((field) => field in entry) : [];
    if (!isObject(entry) || present.length === 0) return -1;
    const find = finders.get(present.join()) ?? entryFinder(list, present);
    finders.set(present.join(), find);
    return find(entry);
  };
}

function nameOf(entry: JsonObject, fields: string[]): string {
  return JSON.stringify(fields.map((field) => entry[field] ?? null));
}
