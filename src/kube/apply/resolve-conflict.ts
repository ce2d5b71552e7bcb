import type { KubeObject } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
import type { Resource } from '../discovery/resource.ts';
import { kindSchemaOf } from '../explain/kind-schema.ts';
import { isDuplicatePort, withoutStalePorts } from '../explain/ports.ts';
import { writeManagers } from '../ownership/write-managers.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';
import { removeToRecreate, toRecreate } from './recreate.ts';

/** What was moved out of the way of an apply that the API server refused, so that the next one passes. */
export interface Resolution {
  /** The object as it then is; undefined: deleted. */
  before: KubeObject | undefined;
  /** What was done, or in a dry run would be, for the change set. */
  reason: string;
  /** As it was before it was deleted. */
  deleted?: KubeObject | undefined;
}

/** Undefined where nothing can be done about the refusal: then it is explained. */
export async function resolveConflict(
  session: Session,
  error: unknown,
  wanted: KubeObject,
  live: KubeObject | 'unreadable' | undefined,
  resource: Resource,
  writing: Writing,
): Promise<Resolution | undefined> {
  if (!isApiError(error, 422) || !live || live === 'unreadable') return undefined;
  const schema = kindSchemaOf(session.client, resource, writing.signal);
  const fixed = await toRecreate(error, wanted, live, schema);
  if (fixed) {
    if (!writing.dryRun) await removeToRecreate(session, wanted, live, resource, writing);
    const reason = `deleted and made anew: ${fixed}`;
    return { before: undefined, reason, deleted: live };
  }
  const managedFields = isDuplicatePort(error) ? withoutStalePorts(live, wanted) : undefined;
  if (!managedFields) return undefined;
  const reason = 'a port’s old number went with what another manager owned of it';
  if (writing.dryRun) return { before: live, reason };
  try {
    return { before: await writeManagers(session, live, resource, managedFields, writing), reason };
  } catch (conflict) {
    // Changed meanwhile: the next apply finds out how it is now.
    if (isApiError(conflict, 409)) return { before: live, reason };
    throw conflict;
  }
}
