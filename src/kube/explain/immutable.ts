import { segmentsOf } from '../../model/field-path.ts';
import { isObject, objectOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import type { ApiStatus, StatusCause } from '../client/api-error.ts';
import type { KindSchema } from './kind-schema.ts';

/**
 * Matches the messages for immutable fields: apimachinery's "field is immutable", those of Services, Pods, StatefulSets,
 * StorageClasses, RoleBindings and PersistentVolumeClaims, and common messages of transition rules in CRDs.
 */
const immutableMessage =
  /\bimmutable\b|may not change (once set|fields other than)|updates to [\w ]+ (for fields other than .*)?are forbidden|cannot (be changed|change )|may not be changed/is;

/** The causes of a refusal, grouped by whether recreating the object solves them. */
export interface Obstacles {
  /** Solved only by recreating the object: `spec.selector cannot be changed`. */
  fixed: string[];
  /** Would refuse a new object as well. */
  others: StatusCause[];
}

/** Groups the causes of a refused update. */
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
      if (immutableMessage.test(cause.message ?? '')) return { fields: fieldsOf(cause, wanted, live), cause };
      const rule = live && (await schema.transitionRule(cause));
      if (rule === undefined) return { cause };
      const isFixed = /^\s*(self\s*==\s*oldSelf|oldSelf\s*==\s*self)\s*$/.test(rule);
      return isFixed ? { fields: [cause.field ?? ''], cause } : { rule: ruleText(cause), cause };
    }),
  );
  const fields = [...new Set(sorted.flatMap((one) => one.fields ?? []))];
  const changed = fields.length > 0 ? [`${fields.join(', ')} cannot be changed${whileFrozen(causes)}`] : [];
  const fixed = [...changed, ...sorted.flatMap((one) => one.rule ?? [])];
  const others = sorted.flatMap((one) => (one.fields || one.rule ? [] : [one.cause]));
  return {
    fixed,
    others: others.filter((cause) => fixed.length === 0 || !isOnlyInLive(cause, wanted, live)),
  };
}

/** A field that only the live object has, such as a Service's ipFamilyPolicy, does not affect a new object. */
function isOnlyInLive({ field }: StatusCause, wanted: KubeObject, live: KubeObject | undefined): boolean {
  if (field === undefined || !live) return false;
  return valueAt(wanted, field) === undefined && valueAt(live, field) !== undefined;
}

function ruleText({ field, message = '' }: StatusCause): string {
  return `${field ?? 'it'}: ${message.replace(/^Invalid value: .*: /s, '')}`;
}

function whileFrozen(causes: StatusCause[]): string {
  const frozen = causes.some(({ message }) => message?.includes('when `immutable` is set'));
  return frozen ? ' while immutable: true is set' : '';
}

/** The immutable fields, as the file names them. */
function fieldsOf(cause: StatusCause, wanted: KubeObject, live: KubeObject | undefined): string[] {
  const field = (cause.field ?? 'this field')
    // The whole template of a Job is immutable, whichever of its fields the API server compares first.
    .replace(/^spec\.template\..*/, 'spec.template')
    .replace(/^spec\.clusterIPs\[0\]$/, 'spec.clusterIP');
  const isKnown = [wanted, live].some((object) => object && valueAt(object, field) !== undefined);
  if (!live || (isKnown && field !== 'spec')) return [field];
  // Some messages list only the mutable fields, or name a field that no file has (spec.persistentvolumesource).
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

/** Whether the live value equals the wanted one, apart from defaults that the API server added. */
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
