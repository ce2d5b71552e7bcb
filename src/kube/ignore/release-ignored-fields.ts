import { SlipwayError } from '../../errors.ts';
import { formatFieldPath } from '../../model/field-path.ts';
import { isObject, listOf, sameJson } from '../../model/json.ts';
import { describeRef, type JsonObject, type JsonValue, type KubeObject } from '../../model/object.ts';
import type { Resource } from '../discovery/resource.ts';
import { isOwnEntry } from '../managed-fields.ts';
import { readAsSlipway } from '../ownership/take-over.ts';
import { writeManagers } from '../ownership/write-managers.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';
import { leaveOut, withLive } from './leave-out.ts';
import { whyInseparable, withoutOwned } from './owned-fields.ts';

/** What is sent over an object as it was found. */
export interface Sending {
  before: KubeObject | 'unreadable' | undefined;
  object: KubeObject;
  /** The version that was looked at; undefined: it cannot be known, or there is none. */
  version: JsonValue | undefined;
}

/**
 * Leaves ignored fields to others. An object that is made is sent whole. Over one that is there, they are left out,
 * after Slipway's own entry in the managedFields has lost them: a field that its only owner stops to send is removed
 * or reset by the API server, one that nobody owns stays. That write changes no field, carries the version that was
 * looked at, and needs no further manager that would have to be kept up (docs/decisions/ignored-fields.md).
 */
export async function releaseIgnoredFields(
  session: Session,
  planned: PlannedObject,
  resource: Resource,
  before: KubeObject | 'unreadable' | undefined,
  writing: Writing,
): Promise<Sending> {
  const { wanted, ignored } = planned;
  const readable = before === 'unreadable' ? undefined : before;
  if (before === undefined || ignored.length === 0) {
    return { before, object: wanted, version: readable?.metadata.resourceVersion };
  }
  const live = readable ?? (await readAsSlipway(session, planned, resource, writing));
  if (!live) throw unreadable(planned);
  refuseInseparable(planned, live);
  const version = live.metadata.resourceVersion;
  // It cannot hand over first, and so shows no change of what an apply leaves alone.
  if (writing.dryRun) return { before, object: withLive(wanted, live, ignored), version };
  const object = leaveOut(wanted, live, ignored);
  const managedFields = handedOver(live, planned);
  if (!managedFields) return { before, object, version };
  const now = await writeManagers(session, live, resource, managedFields, writing);
  return { before: readable ? now : before, object, version: now.metadata.resourceVersion };
}

/** The managedFields without the ignored fields in Slipway's own entry; undefined where it has none of them. */
function handedOver(live: KubeObject, { ignored }: PlannedObject): JsonValue[] | undefined {
  const entries = listOf(live.metadata.managedFields);
  const changed = entries.map((entry) => {
    if (!isObject(entry) || !isOwnEntry(entry) || !isObject(entry.fieldsV1)) return entry;
    const fieldsV1: JsonObject = withoutOwned(entry.fieldsV1, live, ignored);
    return { ...entry, fieldsV1 };
  });
  return sameJson(entries, changed) ? undefined : changed;
}

/** Throws OBJECT_INVALID where a field cannot be sent, or left out, by itself. */
export function refuseInseparable({ ref, rendered, ignored }: RefusedOf, live: KubeObject): void {
  for (const path of ignored) {
    const why = whyInseparable(live, path);
    if (why === undefined) continue;
    const object = describeRef(ref);
    throw new SlipwayError(
      'OBJECT_INVALID',
      `${object}: ${formatFieldPath(path)} cannot be left to others: ${why}`,
      {
        object,
        place: rendered.source,
        hint: 'Change ignore of the app in slipway.yaml.',
      },
    );
  }
}

type RefusedOf = Pick<PlannedObject, 'ref' | 'rendered' | 'ignored'>;

function unreadable({ ref, rendered }: PlannedObject): SlipwayError {
  const object = describeRef(ref);
  const what = `${object}: what ignore leaves to others cannot be read, and so not be left alone`;
  return new SlipwayError('OBJECT_REFUSED', what, {
    object,
    place: rendered.source,
    hint: "Give Slipway's account, or the one it writes as, the right to get such objects; or remove ignore.",
  });
}
