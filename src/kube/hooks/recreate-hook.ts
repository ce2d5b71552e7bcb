import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../errors.ts';
import { isFinished } from '../../health/index.ts';
import { hookOf } from '../../model/hook.ts';
import { textOf } from '../../model/json.ts';
import { describeRef, type KubeObject, refOf } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
import { objectPath, type Resource } from '../discovery/resource.ts';
import { explain } from '../explain/explain.ts';
import { noSchema } from '../explain/kind-schema.ts';
import { isMember } from '../live/live.ts';
import { isDeletionProtected, whyStillThere } from '../prune/prune-guard.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';

/** A pod has 30 s to end unless it says otherwise. */
const goneWithinMs = 90_000;
const firstPauseMs = 10;
const longestPauseMs = 1_000;

/** As it is now, read with Slipway's own account. */
export async function readHook(
  { client }: Session,
  object: KubeObject,
  resource: Resource,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  try {
    const { body } = await client.request({ path: objectPath(resource, refOf(object)), signal });
    return body as KubeObject;
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    throw error;
  }
}

/**
 * Whether what is left of an earlier run may be deleted: it is ours, or it says itself that it is a hook, as those
 * that Helm and Argo CD left behind do. Never what takes data or other objects with it.
 */
export function mayRecreate(session: Session, live: KubeObject): boolean {
  return !isDeletionProtected(live) && (isMember(live, session.parent.id) || hookOf(live) !== undefined);
}

/** Deletes this very object; what is gone already, or was made anew by somebody, is left at that. */
export async function removeHook(
  session: Session,
  live: KubeObject,
  resource: Resource,
  writing: Writing,
  propagationPolicy: 'Background' | 'Foreground' = 'Background',
): Promise<void> {
  const { client, account, masks } = session;
  const ref = refOf(live);
  const preconditions = { uid: textOf(live.metadata.uid) };
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy, preconditions };
  await writing.lease.beforeWrite();
  try {
    const path = objectPath(resource, ref);
    await client.request({ method: 'DELETE', path, body, as: account, signal: writing.signal });
  } catch (error) {
    if (isApiError(error, 404, 409)) return;
    const asked = {
      ref,
      object: live,
      resource,
      verb: 'delete',
      account,
      masks,
      cluster: client.cluster,
    } as const;
    throw await explain(error, asked, noSchema);
  }
}

/** Deletes it and waits until it is gone, its pods with it. Throws OBJECT_REFUSED where it does not go. */
export async function removeAndWait(
  session: Session,
  live: KubeObject,
  resource: Resource,
  writing: Writing,
): Promise<void> {
  // Of one that still runs the pods go first, so that two runs never work at the same time.
  const ended = isFinished(live) || session.evaluateHealth(live).state === 'failed';
  await removeHook(session, live, resource, writing, ended ? 'Background' : 'Foreground');
  const now = await readHook(session, live, resource, writing.signal);
  if (now?.metadata.uid !== live.metadata.uid) return;
  await writing.waits.aside(() => untilGone(session, live, resource, writing));
}

async function untilGone(
  session: Session,
  live: KubeObject,
  resource: Resource,
  writing: Writing,
): Promise<void> {
  const signal = AbortSignal.any([writing.signal, writing.waits.signal]);
  const until = Date.now() + goneWithinMs;
  for (let pause = firstPauseMs; Date.now() < until; pause = Math.min(longestPauseMs, pause * 2)) {
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    const now = await readHook(session, live, resource, signal);
    if (now?.metadata.uid !== live.metadata.uid) return;
  }
  const object = describeRef(refOf(live));
  throw new SlipwayError('OBJECT_REFUSED', `${object}: its last run does not go: ${whyStillThere(live)}`, {
    object,
    hint: 'Remove what holds it up, then retry the release.',
  });
}
