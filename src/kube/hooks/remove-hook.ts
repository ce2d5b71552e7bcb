import { isFinished } from '../../health/index.ts';
import { isDeletionProtected } from '../../model/deletion-protected.ts';
import { hookOf } from '../../model/hook.ts';
import type { KubeObject } from '../../model/object.ts';
import type { ReleaseContext } from '../context.ts';
import type { Resource } from '../discovery/resource.ts';
import { isMember } from '../live/live.ts';
import { deleteObject, deleteToRecreate } from '../objects/delete.ts';
import type { Writing } from '../writing.ts';

/**
 * Whether what is left of an earlier run may be deleted: it is the target's own, or it says itself that it is a hook, as
 * those that Helm and Argo CD left behind do. Never a kind whose deletion takes data or other objects with it.
 */
export function mayRecreate({ setId }: ReleaseContext, live: KubeObject): boolean {
  return !isDeletionProtected(live) && (isMember(live, setId) || hookOf(live) !== undefined);
}

/** Deletes this very object. One that is gone already, or was recreated by somebody else, is left at that. */
export async function removeHook(
  context: ReleaseContext,
  object: KubeObject,
  resource: Resource,
  writing: Writing,
): Promise<void> {
  await deleteObject(context, { object, resource, propagation: 'Background', only: 'uid' }, writing);
}

/** Deletes what is left of the last run, and waits until it is gone. Throws OBJECT_REFUSED if it is not gone in time. */
export async function removeLastRun(
  context: ReleaseContext,
  object: KubeObject,
  resource: Resource,
  writing: Writing,
): Promise<void> {
  // The pods of a run that has not ended go first, so that two runs never work at the same time.
  const hasEnded = isFinished(object) || context.evaluateHealth(object).state === 'failed';
  const propagation = hasEnded ? 'Background' : 'Foreground';
  await deleteToRecreate(context, { object, resource, propagation, only: 'uid' }, writing, writing.waits);
}
