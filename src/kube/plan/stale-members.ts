import { isObject, listOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import type { ApiStatus, StatusCause } from '../client/api-error.ts';
import {
  elementFinder,
  isOwnEntry,
  managerEntries,
  ownEntry,
  unionOfFields,
  withoutField,
} from '../managed-fields.ts';

/**
 * The words with which the API server's validation says that fields exclude each other (k8s.io/kubernetes, pkg/apis:
 * strategies of workloads, sources of volumes and variables, handlers of probes and hooks, conversions).
 */
const exclusion =
  /may not (be specified|specify|be set)\b|only allowed for|(must|should|can)(not| not) be (set|specified)\b|must be empty when/;

export interface StaleMembers {
  /** As the API server names them: `spec.strategy.rollingUpdate`. */
  fields: string[];
  managedFields: JsonValue[];
}

/**
 * What is live beside a field of the file that excludes it, and that no file holds: the API server set it as a default
 * when the file had another member of the union, or somebody else set it. Undefined if the refusal is about something
 * else. With `managedFields`, in which these fields are Slipway's alone, the next apply removes them in the same write.
 */
export function staleMembers(
  status: ApiStatus,
  wanted: KubeObject,
  live: KubeObject,
): StaleMembers | undefined {
  const own = ownEntry(live);
  if (!own) return undefined;
  const trees = managerEntries(live).map(({ fields }) => fields);
  const found = status.causes
    .filter(({ message }) => exclusion.test(message ?? ''))
    .flatMap((cause) => membersBeside(cause, wanted, live, trees));
  if (found.length === 0) return undefined;
  const paths = found.map(({ names }) => names);
  const claimed = paths.map(asFields).reduce(unionOfFields, own.fields);
  const managedFields = listOf(live.metadata.managedFields).map((entry) => {
    if (!isObject(entry) || !isObject(entry.fieldsV1)) return entry;
    if (isOwnEntry(entry)) return { ...entry, fieldsV1: claimed };
    return { ...entry, fieldsV1: paths.reduce(withoutField, entry.fieldsV1) };
  });
  return { fields: [...new Set(found.map(({ field }) => field))], managedFields };
}

/** The object without null fields. A file may say so that it does not want a field; sent, it keeps the field owned. */
export function withoutNulls(wanted: KubeObject): KubeObject {
  return withoutNullFields(wanted) as KubeObject;
}

function withoutNullFields(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNullFields);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutNullFields(child)]));
}

/** A field that is live and not in the file, as a path of names in fieldsV1. */
interface Member {
  field: string;
  names: string[];
}

/** A place in the file, on the cluster and in the fields of all managers. */
interface Place {
  wanted: JsonValue | undefined;
  live: JsonValue | undefined;
  trees: JsonObject[];
  field: string;
  names: string[];
}

/** The API server names the stale field or the wanted one, and entries of lists by index; all entries are compared. */
function membersBeside(
  { field = '', message = '' }: StatusCause,
  wanted: KubeObject,
  live: KubeObject,
  trees: JsonObject[],
): Member[] {
  const steps = field.replaceAll('[', '.[').split('.').filter(Boolean);
  const named = steps.pop() ?? '';
  // A union is never at the top: what is beside `spec` there is the status.
  if (steps.length === 0 || steps[0] === 'metadata') return [];
  const inMessage = [...message.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  const root: Place = { wanted, live, trees, field: '', names: [] };
  return steps
    .reduce((places, step) => places.flatMap((place) => inside(place, step)), [root])
    .flatMap((place) => liveOnly(place, named, inMessage));
}

function inside({ wanted, live, trees, field, names }: Place, step: string): Place[] {
  if (!step.startsWith('[')) {
    const name = `f:${step}`;
    if (!isObject(wanted) || !isObject(live)) return [];
    const path = field === '' ? step : `${field}.${step}`;
    const below = trees.map((tree) => tree[name]).filter(isObject);
    return [{ wanted: wanted[step], live: live[step], trees: below, field: path, names: [...names, name] }];
  }
  const findLive = elementFinder(listOf(live));
  const findWanted = elementFinder(listOf(wanted));
  const elements = new Set(
    trees.flatMap((tree) => Object.keys(tree)).filter((name) => name.startsWith('k:')),
  );
  return [...elements].flatMap((name): Place[] => {
    const index = findLive(name);
    const entry = listOf(wanted)[findWanted(name)];
    if (index < 0 || entry === undefined) return [];
    const below = trees.map((tree) => tree[name]).filter(isObject);
    const at = { wanted: entry, live: listOf(live)[index], trees: below };
    return [{ ...at, field: `${field}[${index}]`, names: [...names, name] }];
  });
}

/** The named field if only it is live; else what could be another member of the union: objects, and what the message names. */
function liveOnly({ wanted, live, field, names }: Place, named: string, inMessage: string[]): Member[] {
  if (!isObject(wanted) || !isObject(live)) return [];
  const keys = Object.keys(live).filter((key) => (wanted[key] ?? undefined) === undefined);
  const members = keys.includes(named)
    ? [named]
    : keys.filter((key) => isObject(live[key]) || inMessage.includes(key));
  return members.map((key) => ({ field: `${field}.${key}`, names: [...names, `f:${key}`] }));
}

function asFields(names: string[]): JsonObject {
  return names.reduceRight<JsonObject>((fields, name) => ({ [name]: fields }), {});
}
