import { createHash } from 'node:crypto';
import { isObject, objectOf } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject, ObjectRef, RenderedObject } from '../../model/object.ts';
import { groupKind, refKey, refOf } from '../../model/object.ts';

/**
 * Jobs that a release saw end well and that their `ttlSecondsAfterFinished` removes: hash by `refKey`. Without it
 * such a Job would be missing at the next release, be created again and do its work again although nothing of it
 * changed. Kept on the parent, beside the inventory: it lives as long as the target does, is written in the same
 * request as the record, outlives an emptied Redis, and no tenant can write there.
 */
export type FinishedJobs = Readonly<Record<string, string>>;

/** Each takes about a hundred bytes of the parent; further Jobs of an app run again. */
const most = 200;

export function hasFinished(finished: FinishedJobs, ref: ObjectRef, wanted: KubeObject): boolean {
  return (
    isCleanedUp(wanted) && Object.hasOwn(finished, refKey(ref)) && finished[refKey(ref)] === hashOf(wanted)
  );
}

/** The Jobs that will be cleaned up, among objects that have all done their work. */
export function finishedJobs(objects: RenderedObject[]): FinishedJobs {
  const jobs = objects.map(({ object }) => object).filter(isCleanedUp);
  return Object.fromEntries(jobs.slice(0, most).map((job) => [refKey(refOf(job)), hashOf(job)]));
}

/** As data of the parent; empty if there is nothing to remember. */
export function encodeFinished(finished: FinishedJobs): { finishedJobs?: string } {
  return Object.keys(finished).length > 0 ? { finishedJobs: JSON.stringify(finished) } : {};
}

function isCleanedUp(object: KubeObject): boolean {
  const spec = objectOf(object.spec);
  return (
    groupKind(refOf(object)) === 'Job.batch' &&
    typeof spec.ttlSecondsAfterFinished === 'number' &&
    spec.suspend !== true
  );
}

/** Only the spec decides the work: a new label runs nothing again. */
function hashOf({ spec }: KubeObject): string {
  const text = JSON.stringify(sorted(objectOf(spec)));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(
    keys.map((key): [string, JsonValue] => [key, sorted(value[key] ?? null)]),
  ) as JsonObject;
}
