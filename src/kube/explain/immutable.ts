import { segmentsOf } from '../../model/field-path.ts';
import { isObject, objectOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import type { ApiStatus, StatusCause } from '../client/api-error.ts';
import type { KindSchema } from './kind-schema.ts';

/**
 * How the API server says that a field is fixed: apimachinery's "field is immutable", Services, Pods, StatefulSets,
 * StorageClasses, RoleBindings, claims, and what authors of CRDs write in their transition rules.
 */
const said =
  /\bimmutable\b|may not change (once set|fields other than)|updates to [\w ]+ (for fields other than .*)?are forbidden|cannot (be changed|change )|may not be changed/is;

/** Why an object was refused, by what would help. */
export interface Obstacles {
  /** What only making the object anew can change, in words: `spec.selector cannot be changed`. */
  fixed: string[];
  /** What would stand in the way of a new one as well. */
  others: StatusCause[];
}

/** Sorts what an update was refused for. */
export async function obstaclesOf(
  status: ApiStatus,
  wanted: KubeObject,
  live: KubeObject | undefined,
  schema: KindSchema,
): Promise<Obstacles> {
  const causes = status.causes.length > 0 ? status.causes : [{ message: status.message }];
  if (status.code !== 422) return { fixed: [], others: causes };
  const sorted = await Promise.all(
    causes.map(async (cause) => {
      if (said.test(cause.message ?? '')) return { fields: fieldsOf(cause, wanted, live), cause };
      const rule = live && (await schema.transitionRule(cause));
      if (rule === undefined) return { cause };
      const isFixed = /^\s*(self\s*==\s*oldSelf|oldSelf\s*==\s*self)\s*$/.test(rule);
      return isFixed ? { fields: [cause.field ?? ''], cause } : { rule: wordsOf(cause), cause };
    }),
  );
  const fields = [...new Set(sorted.flatMap((one) => one.fields ?? []))];
  const whole = fields.length > 0 ? [`${fields.join(', ')} cannot be changed${whileFrozen(causes)}`] : [];
  const fixed = [...whole, ...sorted.flatMap((one) => one.rule ?? [])];
  const others = sorted.flatMap((one) => (one.fields || one.rule ? [] : [one.cause]));
  return { fixed, others: others.filter((cause) => fixed.length === 0 || !isOfOldOne(cause, wanted, live)) };
}

/** What the file leaves out and the old object has (a Service's ipFamilyPolicy) does not go with a new one. */
function isOfOldOne({ field }: StatusCause, wanted: KubeObject, live: KubeObject | undefined): boolean {
  if (field === undefined || !live) return false;
  return valueAt(wanted, field) === undefined && valueAt(live, field) !== undefined;
}

function wordsOf({ field, message = '' }: StatusCause): string {
  return `${field ?? 'it'}: ${message.replace(/^Invalid value: .*: /s, '')}`;
}

function whileFrozen(causes: StatusCause[]): string {
  const frozen = causes.some(({ message }) => message?.includes('when `immutable` is set'));
  return frozen ? ' while immutable: true is set' : '';
}

/** The fields as the file has them. */
function fieldsOf(cause: StatusCause, wanted: KubeObject, live: KubeObject | undefined): string[] {
  const field = (cause.field ?? 'this field')
    // Of a Job the whole template is fixed, whichever of its fields the API server compares first.
    .replace(/^spec\.template\..*/, 'spec.template')
    .replace(/^spec\.clusterIPs\[0\]$/, 'spec.clusterIP');
  const isKnown = [wanted, live].some((object) => object && valueAt(object, field) !== undefined);
  if (!live || (isKnown && field !== 'spec')) return [field];
  // Some kinds tell only what may be changed, or name a field that no file has (spec.persistentvolumesource).
  const fixed = differing(objectOf(wanted.spec), objectOf(live.spec), cause.message ?? '');
  return fixed.length > 0 ? fixed : [field];
}

function differing(wanted: JsonObject, live: JsonObject, message: string): string[] {
  const [, open = ''] = /(?:fields other than|except) (.*?)(?: are forbidden|\n|$)/s.exec(message) ?? [];
  const firsts = open.split(/[\s,]+/).map((word) => word.split('.')[0]);
  const isOpen = (key: string) =>
    open.includes(`'${key}'`) || open.includes(`.${key}\``) || firsts.includes(key);
  return Object.entries(wanted)
    .filter(([key]) => !isOpen(key))
    .filter(([key, value]) => !holds(live[key], value))
    .map(([key]) => `spec.${key}`);
}

function valueAt(object: KubeObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const segment of segmentsOf(path)) {
    const key = segment.replace(/^\[(.*)\]$/, '$1');
    value = Array.isArray(value) ? value[Number(key)] : objectOf(value)[key];
  }
  return value;
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
