import { isObject, listOf, objectOf, sameJson, textOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { elementFinder, unionOfFields } from '../managed-fields.ts';

/**
 * Whether a request failed because the API server cannot bring the object to a version in which somebody applied it
 * before. It does that to compare what each manager owns, and the object may not fit there: a version is gone, or lacks a
 * field that the schema of another one adds by default (kubernetes/kubernetes#111937).
 */
export function isOtherVersion(message: string): boolean {
  if (/^failed to create typed patch object/.test(message)) return false;
  return /field not declared in schema|request to convert CR to an invalid group\/version/.test(message);
}

/** The versions, other than that of `live`, in which managers own fields of it. */
export function otherVersions(live: KubeObject): string[] {
  const versions = listOf(live.metadata.managedFields).map((entry) => textOf(objectOf(entry).apiVersion));
  return [...new Set(versions)].filter((version) => version !== '' && version !== live.apiVersion);
}

/**
 * The managedFields with every entry of another version brought to the version of `live`. A field stays with its manager
 * if it is in `live` too, with the value that it has in `before`: the object as read in the entry's own version, if that
 * is still served. The others are left out: nobody owns what they have become.
 */
export function inThisVersion(live: KubeObject, before: ReadonlyMap<string, KubeObject>): JsonValue[] {
  const joined = new Map<string, JsonObject>();
  for (const entry of listOf(live.metadata.managedFields).filter(isObject)) {
    const fields = objectOf(entry.fieldsV1);
    const version = textOf(entry.apiVersion);
    const isOther = version !== live.apiVersion;
    const fieldsV1 = isOther ? kept(fields, live, before.get(version)) : fields;
    if (Object.keys(fieldsV1).length === 0) continue;
    const key = JSON.stringify([entry.manager, entry.operation, entry.subresource ?? '']);
    const known = joined.get(key);
    const union = known ? unionOfFields(objectOf(known.fieldsV1), fieldsV1) : fieldsV1;
    joined.set(key, { ...entry, apiVersion: live.apiVersion, fieldsV1: union });
  }
  return [...joined.values()];
}

function kept(fields: JsonObject, live: JsonValue, before: JsonValue | undefined): JsonObject {
  const entries = Object.entries(fields).flatMap(([name, child]): [string, JsonValue][] => {
    if (name === '.') return [[name, child]];
    const now = valueAt(name, live);
    const was = before === undefined ? now : valueAt(name, before);
    if (now === undefined || was === undefined) return [];
    const below = objectOf(child);
    if (Object.keys(below).length === 0) return sameJson(was, now) ? [[name, child]] : [];
    const left = kept(below, now, before === undefined ? undefined : was);
    return Object.keys(left).length > 0 ? [[name, left]] : [];
  });
  return Object.fromEntries(entries);
}

function valueAt(name: string, value: JsonValue): JsonValue | undefined {
  if (name.startsWith('f:')) return objectOf(value)[name.slice(2)];
  return listOf(value)[elementFinder(listOf(value))(name)];
}
