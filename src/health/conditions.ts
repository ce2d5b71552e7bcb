import { numberAt, objectsAt, optionalNumberAt, textAt } from '../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../model/object.ts';

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
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
  };
}

/** All conditions that do not describe an older generation. */
export function freshConditions(object: KubeObject): JsonObject[] {
  return objectsAt(object, 'status', 'conditions').filter((entry) => !isStale(entry, object));
}

/** Whether the object has a condition of this type that describes an older generation. */
export function isOutdated(object: KubeObject, type: string): boolean {
  return objectsAt(object, 'status', 'conditions').some(
    (entry) => entry.type === type && isStale(entry, object),
  );
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
  const observed = optionalNumberAt(object, 'status', 'observedGeneration') ?? (strict ? 0 : generation);
  return observed < generation;
}

function isStale(entry: JsonObject, owner: KubeObject): boolean {
  const observed = optionalNumberAt(entry, 'observedGeneration');
  return observed !== undefined && observed < numberAt(owner, 'metadata', 'generation');
}

function statusOf(entry: JsonValue): Condition['status'] {
  const status = textAt(entry, 'status');
  return status === 'True' || status === 'False' ? status : 'Unknown';
}
