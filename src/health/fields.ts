import type { JsonObject, JsonValue } from '../model/object.ts';

/** The value at a path of keys; undefined where the way there ends. */
export function at(value: JsonValue | undefined, ...path: string[]): JsonValue | undefined {
  let current = value;
  for (const key of path) current = asObject(current)?.[key];
  return current;
}

export function objectAt(value: JsonValue | undefined, ...path: string[]): JsonObject {
  return asObject(at(value, ...path)) ?? {};
}

export function textAt(value: JsonValue | undefined, ...path: string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** A missing number is 0: the API leaves zeros out of status. */
export function numberAt(value: JsonValue | undefined, ...path: string[]): number {
  return optionalNumberAt(value, ...path) ?? 0;
}

export function optionalNumberAt(value: JsonValue | undefined, ...path: string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

export function listAt(value: JsonValue | undefined, ...path: string[]): JsonObject[] {
  const found = at(value, ...path);
  if (!Array.isArray(found)) return [];
  return found.map(asObject).filter((entry) => entry !== undefined);
}

export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return value;
}
