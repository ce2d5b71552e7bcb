import {
  type FieldPath,
  type FieldStep,
  formatFieldPath,
  matchesEntry,
  matchesKey,
} from '../../model/field-path.ts';
import { isObject, listOf, objectOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { elementFinder, elementValue, managerEntries } from '../managed-fields.ts';

/**
 * A manager's fields (fieldsV1) without those at `ignored` and without parents that are empty then: what it would own
 * had it never applied them.
 */
export function withoutOwned(fields: JsonObject, live: KubeObject, ignored: FieldPath[]): JsonObject {
  return ignored.reduce((left, path) => dropAt(left, live, path) ?? {}, fields);
}

function dropAt(
  fields: JsonObject,
  value: JsonValue | undefined,
  [step, ...rest]: FieldPath,
): JsonObject | undefined {
  if (!step) return undefined;
  const entries = Object.entries(fields);
  const below = partFinder(value);
  const left = entries.flatMap(([name, child]): [string, JsonValue][] => {
    if (!matches(step, name, value, below(name))) return [[name, child]];
    const kept = dropAt(objectOf(child), below(name), rest);
    return kept ? [[name, kept]] : [];
  });
  const holdsNothing = left.every(([name]) => name === '.');
  return left.length < entries.length && holdsNothing ? undefined : Object.fromEntries(left);
}

/** Whether a step matches the field or entry of `value` that a name of fieldsV1 (`f:spec`, `k:{"name":"web"}`) denotes. */
function matches(
  step: FieldStep,
  name: string,
  value: JsonValue | undefined,
  part: JsonValue | undefined,
): boolean {
  if (name.startsWith('f:')) return matchesKey(step, name.slice(2));
  if (!name.startsWith('k:')) return false;
  const entry = part ?? elementValue(name);
  // Only a step by index needs the position.
  const index = step.kind === 'index' ? listOf(value).indexOf(entry ?? null) : -1;
  return entry !== undefined && matchesEntry(step, entry, index);
}

/** Finds the parts of a value by their names of fieldsV1. */
function partFinder(value: JsonValue | undefined): (name: string) => JsonValue | undefined {
  const list = listOf(value);
  const find = elementFinder(list);
  return (name) => (name.startsWith('f:') ? objectOf(value)[name.slice(2)] : list[find(name)]);
}

/**
 * Why the field at `path` cannot be left out of what is sent, by the managedFields; undefined: it can. Only fields that
 * somebody has applied or written are known.
 */
export function whyInseparable(live: KubeObject, path: FieldPath): string | undefined {
  const managers = managerEntries(live).filter(({ apiVersion }) => apiVersion === live.apiVersion);
  return inseparable(
    managers.map(({ fields }) => fields),
    live,
    path,
    [],
  );
}

function inseparable(
  owned: JsonObject[],
  value: JsonValue | undefined,
  [step, ...rest]: FieldPath,
  passed: FieldPath,
): string | undefined {
  if (!step || owned.length === 0) return undefined;
  if (isFull(value) && owned.every((fields) => Object.keys(fields).length === 0)) {
    return `the API server keeps ${formatFieldPath(passed)} as one value: ignore ${formatFieldPath(passed)} as a whole`;
  }
  const part = partFinder(value);
  for (const name of new Set(owned.flatMap((fields) => Object.keys(fields)))) {
    if (!matches(step, name, value, part(name))) continue;
    if (rest.length === 1 && isKeyOf(name, rest[0]))
      return 'it identifies the entries of its list, and is always sent';
    const below = owned.map((fields) => fields[name]).filter(isObject);
    const found = inseparable(below, part(name), rest, [...passed, step]);
    if (found) return found;
  }
  return undefined;
}

function isFull(value: JsonValue | undefined): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function isKeyOf(name: string, step: FieldStep | undefined): boolean {
  return step?.kind === 'key' && name.startsWith('k:') && step.key in objectOf(elementValue(name));
}
