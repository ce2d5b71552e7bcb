import type { ObjectChange } from '../../model/change-set.ts';
import type { KubeObject } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
import { objectPath, type Resource } from '../discovery/resource.ts';
import { isMember } from '../live/live.ts';
import { ownEntry } from '../managed-fields.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';
import { migrated } from './migrate.ts';
import { ownerOf } from './owner.ts';
import { refuseOwned } from './refuse-owned.ts';
import { writeManagers } from './write-managers.ts';

/**
 * Called with an object as it was found, before it is overwritten: refuses what another owns (OBJECT_OWNED), and
 * makes the fields of who deployed it before Slipway's own. Resolves to the object as it then is.
 */
export async function takeOver(
  session: Session,
  planned: PlannedObject,
  resource: Resource,
  before: KubeObject | 'unreadable' | undefined,
  writing: Writing,
): Promise<KubeObject | 'unreadable' | undefined> {
  if (before === undefined) return undefined;
  const found = before === 'unreadable' ? await readAsSlipway(session, planned, resource, writing) : before;
  if (!found || isOurs(session, found)) return before;
  const owner = await refuseOwned(session, planned, found, writing.signal);
  if (before === 'unreadable' || writing.dryRun) return before;
  const { adopt = false } = session.target;
  const managedFields = migrated(found, planned.wanted, { adopt, owner });
  if (!managedFields) return before;
  return writeManagers(session, found, resource, managedFields, writing);
}

/** What the change of an object says that was somebody else's: it moves also where none of its fields changes. */
export async function takenFrom(
  { owners, parent }: Session,
  before: KubeObject | 'unreadable' | undefined,
): Promise<Pick<ObjectChange, 'action' | 'reason'> | undefined> {
  if (before === undefined || before === 'unreadable') return undefined;
  const owner = ownerOf(before, parent.id);
  if (!owner) return undefined;
  const set = await owners.get(owner.setId ?? '');
  return { action: 'configured', reason: `taken over from ${set?.name ?? owner.name}` };
}

function isOurs(session: Session, object: KubeObject): boolean {
  return isMember(object, session.parent.id) && ownEntry(object) !== undefined;
}

/** What the release's own account may not see, Slipway's may. */
export async function readAsSlipway(
  { client }: Session,
  { ref }: PlannedObject,
  resource: Resource,
  { signal }: Writing,
): Promise<KubeObject | undefined> {
  try {
    const { body } = await client.request({ path: objectPath(resource, ref), signal });
    return body as KubeObject;
  } catch (error) {
    if (isApiError(error, 403, 404)) return undefined;
    throw error;
  }
}
