import { SlipwayError } from '../../errors.ts';
import { isObject, listOf, sameJson } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { leaveOut, withLive } from '../ignore/leave-out.ts';
import { withoutOwned } from '../ignore/owned-fields.ts';
import { refuseInseparable } from '../ignore/refuse-inseparable.ts';
import { isOwnEntry } from '../managed-fields.ts';
import { type Found, readAsSlipway } from '../objects/read.ts';
import { writeManagers } from '../objects/write-managers.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Subject } from './attempt.ts';

/** What is sent over an object as it was found. */
export interface Sending {
  before: Found;
  object: KubeObject;
  /** The version that was read; undefined: it cannot be known, or the object does not exist. */
  version: JsonValue | undefined;
}

/**
 * Releases ignored fields to others. An object that is created is sent whole. From one that exists, ignored fields are
 * left out, after Slipway's own entry in the managedFields has lost them: the API server removes or resets a field that
 * its only owner stops to send, and keeps one that nobody owns. That write changes no field, carries the version that
 * was read, and needs no further manager that would have to be kept up (docs/decisions/ignored-fields.md).
 */
export async function releaseIgnoredFields(
  { context, planned, resource, writing }: Subject,
  before: Found,
): Promise<Sending> {
  const { ref, wanted, ignored } = planned;
  const readable = before === 'unreadable' ? undefined : before;
  if (before === undefined || ignored.length === 0) {
    return { before, object: wanted, version: readable?.metadata.resourceVersion };
  }
  const live = readable ?? (await readAsSlipway(context, resource, ref, writing.signal));
  if (!live || live === 'unreadable') throw unreadable(planned);
  refuseInseparable(planned, live);
  const version = live.metadata.resourceVersion;
  // It cannot release the fields first, and so must show no change of what an apply leaves alone.
  if (writing.dryRun) return { before, object: withLive(wanted, live, ignored), version };
  const object = leaveOut(wanted, live, ignored);
  const managedFields = withoutIgnored(live, planned);
  if (!managedFields) return { before, object, version };
  const now = await writeManagers(context, live, resource, managedFields, writing);
  return { before: readable ? now : before, object, version: now.metadata.resourceVersion };
}

/** The managedFields without the ignored fields in Slipway's own entry; undefined if it has none of them. */
function withoutIgnored(live: KubeObject, { ignored }: PlannedObject): JsonValue[] | undefined {
  const entries = listOf(live.metadata.managedFields);
  const changed = entries.map((entry) => {
    if (!isObject(entry) || !isOwnEntry(entry) || !isObject(entry.fieldsV1)) return entry;
    const fieldsV1: JsonObject = withoutOwned(entry.fieldsV1, live, ignored);
    return { ...entry, fieldsV1 };
  });
  return sameJson(entries, changed) ? undefined : changed;
}

function unreadable({ ref, rendered }: PlannedObject): SlipwayError {
  const summary = 'it cannot be read, so the ignored fields cannot be left alone';
  return new SlipwayError('OBJECT_REFUSED', summary, {
    object: ref,
    place: rendered.source,
    hint: "Give Slipway's account, or the one it writes as, the right to get such objects; or remove ignore.",
  });
}
