import type { JsonObject, JsonValue } from './object.ts';

/*
 * Reading JSON of unknown shape. `…Of` takes a value, `…At` takes a value and a path of keys into it. Both give an
 * empty object, list or text if the value is missing or of another type, unless their name says `optional`.
 */

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

export function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The value at a path of keys; undefined if a key is missing or its parent is not an object. */
export function valueAt(value: JsonValue | undefined, ...path: string[]): JsonValue | undefined {
  let current = value;
  for (const key of path) current = asObject(current)?.[key];
  return current;
}

export function objectAt(value: JsonValue | undefined, ...path: string[]): JsonObject {
  return objectOf(valueAt(value, ...path));
}

/** The objects of the list at a path; entries of other types are left out. */
export function objectsAt(value: JsonValue | undefined, ...path: string[]): JsonObject[] {
  return listOf(valueAt(value, ...path)).filter(isObject);
}

export function textAt(value: JsonValue | undefined, ...path: string[]): string {
  return textOf(valueAt(value, ...path));
}

/** A missing number is 0: the Kubernetes API omits zeros from `status`. */
export function numberAt(value: JsonValue | undefined, ...path: string[]): number {
  return optionalNumberAt(value, ...path) ?? 0;
}

export function optionalNumberAt(value: JsonValue | undefined, ...path: string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The string entries of an object in JSON text; empty if the text is not the JSON of an object. */
export function parseStringMap(json: JsonValue | undefined): Record<string, string> {
  if (typeof json !== 'string') return {};
  try {
    const value: JsonValue = JSON.parse(json);
    const entries = isObject(value) ? Object.entries(value) : [];
    return Object.fromEntries(
      entries.flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
    );
  } catch {
    return {};
  }
}

/** Whether two values are equal as JSON, in whatever order their keys are. */
export function sameJson(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false;
    return one.every((entry, index) => sameJson(entry, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => key in other && sameJson(one[key], other[key]));
}
