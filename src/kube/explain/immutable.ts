import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import type { ApiStatus, StatusCause } from '../client/api-error.ts';
import { isObject, objectOf } from '../json.ts';

/**
 * How the API server says that a field is fixed: apimachinery's "field is immutable", Services, Pods, StatefulSets,
 * StorageClasses, RoleBindings, claims, and what authors of CRDs write in their transition rules.
 */
const said =
  /\bimmutable\b|may not change (once set|fields other than)|updates to [\w ]+ (for fields other than .*)?are forbidden|cannot (be changed|change )|may not be changed/is;

export function isImmutable(cause: StatusCause): boolean {
  return said.test(cause.message ?? '');
}

/** The fields that cannot be changed; empty where that is not why an object was refused. */
export function immutableFields(status: ApiStatus, wanted: KubeObject, live?: KubeObject): string[] {
  if (status.code !== 422) return [];
  const causes = status.causes.length > 0 ? status.causes : [{ message: status.message }];
  return causes.filter(isImmutable).flatMap((cause) => fieldsOf(cause, wanted, live));
}

/** A StatefulSet or a Pod is only told what may be changed: the others that differ are the answer. */
function fieldsOf(cause: StatusCause, wanted: KubeObject, live: KubeObject | undefined): string[] {
  // Of a Job the whole template is fixed, whichever of its fields the API server compares first.
  const field = (cause.field ?? 'this field').replace(/^spec\.template\..*/, 'spec.template');
  const open = /fields other than (.*?)( are forbidden|$)/s.exec(cause.message ?? '')?.[1];
  if (open === undefined || field !== 'spec' || !live) return [field];
  const before = objectOf(live.spec);
  const fixed = Object.entries(objectOf(wanted.spec))
    .filter(([key]) => !open.includes(`'${key}'`) && !open.includes(`.${key}\``))
    .filter(([key, value]) => !holds(before[key], value))
    .map(([key]) => `spec.${key}`);
  return fixed.length > 0 ? fixed : [field];
}

/** Whether what is live is what is wanted, apart from defaults that the API server has added. */
function holds(live: JsonValue | undefined, wanted: JsonValue): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live) || live.length !== wanted.length) return false;
    return wanted.every((entry, index) => holds(live[index], entry));
  }
  if (!isObject(wanted)) return live === wanted;
  return isObject(live) && holdsAll(live, wanted);
}

function holdsAll(live: JsonObject, wanted: JsonObject): boolean {
  return Object.entries(wanted).every(([key, value]) => holds(live[key], value));
}
