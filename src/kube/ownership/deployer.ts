import { isObject, listOf, objectOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { elementNamer } from '../managed-fields.ts';

/** Commands with which a person changes an existing object: what they wrote stays the person's. */
const edits = /^kubectl-(annotate|autoscale|edit|label|patch|rollout|scale|set|taint)$/;

/**
 * Whether an entry of the managedFields is that of the tool that deployed the object, whatever its name: it owns most of
 * the file's fields that anybody has set. An injector or an autoscaler owns only a field or two.
 */
export function isDeployer(entry: JsonObject, object: KubeObject, wanted: KubeObject): boolean {
  if (typeof entry.manager !== 'string' || edits.test(entry.manager)) return false;
  const entries = listOf(object.metadata.managedFields).filter(isObject);
  const owned = entries.filter(({ subresource }) => !subresource).map(({ fieldsV1 }) => objectOf(fieldsV1));
  const { apiVersion: _version, kind: _kind, ...body } = wanted;
  const all = countOwned(body, owned);
  return all > 0 && countOwned(body, [objectOf(entry.fieldsV1)]) > all / 2;
}

/** Counts the leaves of a value that are in one of these field sets. */
function countOwned(value: JsonValue | undefined, sets: JsonObject[]): number {
  if (sets.length === 0 || value === undefined) return 0;
  if (sets.some((fields) => Object.keys(fields).length === 0)) return 1;
  if (Array.isArray(value)) {
    const named = sets.map((fields) => ({ fields, nameOf: elementNamer(fields) }));
    const setsAt = (entry: JsonValue) =>
      named.flatMap(({ fields, nameOf }) => fieldsAt(fields[nameOf(entry) ?? '']));
    return sum(value, (entry) => countOwned(entry, setsAt(entry)));
  }
  const keys = isObject(value) ? Object.entries(value) : [];
  return sum(keys, ([key, child]) =>
    countOwned(
      child,
      sets.flatMap((fields) => fieldsAt(fields[`f:${key}`])),
    ),
  );
}

function fieldsAt(fields: JsonValue | undefined): JsonObject[] {
  return isObject(fields) ? [fields] : [];
}

function sum<T>(all: T[], count: (one: T) => number): number {
  return all.reduce((total, one) => total + count(one), 0);
}
