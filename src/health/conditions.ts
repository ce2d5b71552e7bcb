import { numberAt, objectsAt, optionalNumberAt, textAt, valueAt } from '../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../model/object.ts';

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  /** Only conditions of Cluster API and the like have one: `Error`, `Warning` or `Info`. */
  severity: string;
}

/**
 * The condition of this type; undefined if there is none or if it describes an older generation
 * (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties).
 */
export function condition(object: KubeObject, type: string): Condition | undefined {
  return conditionIn(objectsAt(object, 'status', 'conditions'), type, object);
}

export function conditionIn(list: JsonObject[], type: string, owner: KubeObject): Condition | undefined {
  const found = list.find((entry) => entry.type === type);
  if (!found || isStale(found, owner)) return undefined;
  return {
    type,
    status: statusOf(found),
    reason: textAt(found, 'reason'),
    message: textAt(found, 'message'),
    severity: textAt(found, 'severity'),
  };
}

/** All conditions that do not describe an older generation. */
export function freshConditions(object: KubeObject): JsonObject[] {
  return objectsAt(object, 'status', 'conditions').filter((entry) => !isStale(entry, object));
}

export function isTrue(object: KubeObject, type: string): boolean {
  return condition(object, type)?.status === 'True';
}

/** `Reason: message` on one line; without either, `Type is Status`. */
export function describeCondition(found: Condition): string {
  const text = [found.reason, found.message].filter((part) => part !== '').join(': ');
  return (text === '' ? `${found.type} is ${found.status}` : text).replaceAll(/\s+/g, ' ');
}

/**
 * Whether the controller has not observed the latest generation. Pass `strict` for controllers that always report
 * `observedGeneration`: then a missing one also means not observed.
 */
export function isUnobserved(object: KubeObject, strict = false): boolean {
  const generation = numberAt(object, 'metadata', 'generation');
  const observed = observedGenerations
    .map((name) => optionalNumberAt(object, 'status', name))
    .find((one) => one !== undefined);
  return (observed ?? (strict ? 0 : generation)) < generation;
}

/** What controllers call the generation that they have seen. */
const observedGenerations = ['observedGeneration', 'lastObservedGeneration', 'observedSpecGeneration'];

function isStale(entry: JsonObject, owner: KubeObject): boolean {
  const observed = optionalNumberAt(entry, 'observedGeneration');
  return observed !== undefined && observed < numberAt(owner, 'metadata', 'generation');
}

function statusOf(entry: JsonValue): Condition['status'] {
  const status = String(valueAt(entry, 'status')).toLowerCase(); // Some controllers write booleans.
  if (status === 'true') return 'True';
  return status === 'false' ? 'False' : 'Unknown';
}
