import {
  type FieldPath,
  type FieldStep,
  formatFieldPath,
  matchesEntry,
  matchesKey,
} from '../../model/field-path.ts';
import { isObject, listOf, objectOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { elementValue, isExactElement, managerEntries } from '../managed-fields.ts';

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
  const left = entries.flatMap(([name, child]): [string, JsonValue][] => {
    if (!matches(step, name, value)) return [[name, child]];
    const kept = dropAt(objectOf(child), valueAt(name, value), rest);
    return kept ? [[name, kept]] : [];
  });
  const holdsNothing = left.every(([name]) => name === '.');
  return left.length < entries.length && holdsNothing ? undefined : Object.fromEntries(left);
}

/** Whether a step matches the field or entry of `value` that a name of fieldsV1 (`f:spec`, `k:{"name":"web"}`) denotes. */
function matches(step: FieldStep, name: string, value: JsonValue | undefined): boolean {
  if (name.startsWith('f:')) return matchesKey(step, name.slice(2));
  if (!name.startsWith('k:')) return false;
  const entry = valueAt(name, value) ?? elementValue(name);
  return entry !== undefined && matchesEntry(step, entry, listOf(value).indexOf(entry));
}

function valueAt(name: string, value: JsonValue | undefined): JsonValue | undefined {
  if (name.startsWith('f:')) return objectOf(value)[name.slice(2)];
  return listOf(value).find((entry) => isExactElement(name, entry));
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
  for (const name of new Set(owned.flatMap((fields) => Object.keys(fields)))) {
    if (!matches(step, name, value)) continue;
    if (rest.length === 1 && isKeyOf(name, rest[0]))
      return 'it identifies the entries of its list, and is always sent';
    const below = owned.map((fields) => fields[name]).filter(isObject);
    const found = inseparable(below, valueAt(name, value), rest, [...passed, step]);
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
