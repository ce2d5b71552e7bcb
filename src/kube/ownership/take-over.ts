import type { ObjectChange } from '../../model/change-set.ts';
import type { Notice } from '../../model/notice.ts';
import type { KubeObject } from '../../model/object.ts';
import type { ReleaseContext } from '../context.ts';
import type { Resource } from '../discovery/resource.ts';
import { isMember } from '../live/live.ts';
import { ownEntry } from '../managed-fields.ts';
import { type Found, readAsSlipway } from '../objects/read.ts';
import { writeManagers } from '../objects/write-managers.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Writing } from '../writing.ts';
import { migrated } from './migrate.ts';
import { ownerOf } from './owner.ts';
import { refuseOwned } from './refuse-owned.ts';

/**
 * Checks an object as it was found, before it is overwritten: refuses one that belongs to somebody else (OBJECT_OWNED),
 * and makes the fields of whoever deployed it before Slipway's own. Resolves to the object as it then is.
 */
export async function takeOver(
  context: ReleaseContext,
  planned: PlannedObject,
  resource: Resource,
  before: Found,
  writing: Writing,
): Promise<Found> {
  if (before === undefined) return undefined;
  const found =
    before === 'unreadable' ? await readAsSlipway(context, resource, planned.ref, writing.signal) : before;
  if (!found || found === 'unreadable' || isOwn(context, found)) return before;
  const owner = await refuseOwned(context, planned, found, writing.signal);
  if (before === 'unreadable' || writing.dryRun) return before;
  const { adopt = false } = context.target;
  const managedFields = migrated(found, planned.wanted, { adopt, owner });
  if (!managedFields) return before;
  return writeManagers(context, found, resource, managedFields, writing);
}

/** The change of an object that was somebody else's: it moved even if none of its fields changed. */
export async function takenFrom(
  { owningSets, setId }: ReleaseContext,
  before: KubeObject | undefined,
  signal: AbortSignal,
): Promise<Pick<ObjectChange, 'action' | 'notice'> | undefined> {
  const owner = before && ownerOf(before, setId);
  if (!owner) return undefined;
  const set = owner.setId === undefined ? undefined : await owningSets.get(owner.setId, signal);
  const notice: Notice = { kind: 'taken-over', summary: `taken over from ${set?.name ?? owner.name}` };
  return { action: 'configured', notice };
}

function isOwn({ setId }: ReleaseContext, object: KubeObject): boolean {
  return isMember(object, setId) && ownEntry(object) !== undefined;
}
