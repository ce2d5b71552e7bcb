import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
import { managerEntries, ownEntry, withoutField } from '../managed-fields.ts';

/**
 * Ports are owned by their number, and their names must be unique. If the number of a named port changes and another
 * manager owns the old port too, the old port remains and the API server refuses both with `Duplicate value`
 * (kubernetes/kubernetes#131147).
 */
export function isDuplicatePort(error: unknown): boolean {
  if (!isApiError(error, 422)) return false;
  return error.apiStatus.causes.some(({ field, message }) => isPortName(field, message));
}

export function isPortName(field: string | undefined, message: string | undefined): boolean {
  return /(^|\.)ports\[\d+\]\.name$/.test(field ?? '') && /^Duplicate value/.test(message ?? '');
}

/**
 * The managedFields without the other managers' ownership of ports that Slipway set and the files no longer contain;
 * undefined if there are none. The next apply then removes these ports. A port that only others set is kept.
 */
export function withoutStalePorts(live: KubeObject, wanted: KubeObject): JsonValue[] | undefined {
  const own = ownEntry(live);
  const stale = own ? portPaths(own.fields).filter((path) => !isWanted(path, wanted)) : [];
  if (stale.length === 0) return undefined;
  return listOf(live.metadata.managedFields).map((entry) => {
    if (!isObject(entry) || (entry.manager === own?.manager && entry.operation === 'Apply')) return entry;
    return { ...entry, fieldsV1: stale.reduce(withoutField, objectOf(entry.fieldsV1)) };
  });
}

/** Managers other than Slipway that own a port of this number. */
export function managersOfPort(live: KubeObject, port: JsonValue | undefined): string[] {
  const holds = (fields: JsonObject) =>
    portPaths(fields).some((path) => numberOf(keyOf(path.at(-1) ?? '')) === port);
  const managers = managerEntries(live).filter(({ fields }) => holds(fields));
  return [...new Set(managers.map(({ manager }) => manager))].filter(
    (name) => name !== ownEntry(live)?.manager,
  );
}

/** The number of a Service's or of a container's port. */
export function numberOf(port: JsonObject): JsonValue | undefined {
  return port.port ?? port.containerPort;
}

/** The paths in fieldsV1 to the entries of every list named `ports`. */
function portPaths(fields: JsonObject, path: string[] = []): string[][] {
  return Object.entries(fields).flatMap(([key, child]) => {
    const here = [...path, key];
    if (key.startsWith('k:') && path.at(-1) === 'f:ports') return [here];
    return isObject(child) ? portPaths(child, here) : [];
  });
}

function isWanted(path: string[], wanted: KubeObject): boolean {
  let value: JsonValue | undefined = wanted;
  for (const step of path) {
    value = step.startsWith('k:') ? elementOf(value, keyOf(step)) : objectOf(value)[step.slice(2)];
  }
  return value !== undefined;
}

/** The API server sets a default for a key that the file leaves out (a port's protocol). */
function elementOf(list: JsonValue | undefined, key: JsonObject): JsonObject | undefined {
  return listOf(list)
    .filter(isObject)
    .find((entry) => Object.entries(key).every(([name, value]) => (entry[name] ?? value) === value));
}

function keyOf(step: string): JsonObject {
  if (!step.startsWith('k:')) return {};
  const key: JsonValue = JSON.parse(step.slice(2));
  return objectOf(key);
}

/** `port 81 already has this name (set by kubectl-edit)`; undefined if no other live port has the name. */
export function nameConflict(
  field: string,
  name: string,
  wanted: KubeObject,
  live: KubeObject,
): string | undefined {
  const list = field.replace(/\[\d+\]\.name$/, '');
  const numbers = listOf(at(wanted, list)).filter(isObject).map(numberOf);
  const taken = listOf(at(live, list))
    .filter(isObject)
    .find((port) => textOf(port.name) === name && !numbers.includes(numberOf(port)));
  if (!taken) return undefined;
  const managers = managersOfPort(live, numberOf(taken)).join(', ') || 'an unknown manager';
  return `port ${String(numberOf(taken))} already has this name (set by ${managers})`;
}

/** The value at a path in the API server's form: `spec.template.spec.containers[0].ports`. */
function at(object: KubeObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const step of path.replaceAll('[', '.').replaceAll(']', '').split('.')) {
    value = Array.isArray(value) ? value[Number(step)] : objectOf(value)[step];
  }
  return value;
}
