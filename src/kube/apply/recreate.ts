import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../errors.ts';
import { objectOf, sameJson, textOf } from '../../model/json.ts';
import { describeRef, type KubeObject, refOf } from '../../model/object.ts';
import { isForced } from '../../model/sync-options.ts';
import { isApiError } from '../client/api-error.ts';
import { objectPath, type Resource } from '../discovery/resource.ts';
import { obstaclesOf } from '../explain/immutable.ts';
import type { KindSchema } from '../explain/kind-schema.ts';
import { isDeletionProtected, whyStillThere } from '../prune/prune-guard.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';

const recreateAnnotation = 'slipway.dev/recreate';

/** A pod has 30 s to end unless it says otherwise. */
const goneWithinMs = 90_000;
const longestPauseMs = 1_000;

/**
 * Why it takes a new object to change this one; undefined where it may not be deleted for that: only its own annotation,
 * or Argo CD's, allows it, never for what takes data or other objects with it, nor where a new one would be refused too.
 */
export async function toRecreate(
  error: unknown,
  wanted: KubeObject,
  live: KubeObject,
  schema: KindSchema,
): Promise<string | undefined> {
  if (!isApiError(error, 422) || isDeletionProtected(wanted)) return undefined;
  const allowed = objectOf(wanted.metadata.annotations)[recreateAnnotation] === 'allowed';
  if (!allowed && !isForced(wanted)) return undefined;
  const { fixed, others } = await obstaclesOf(error.apiStatus, wanted, live, schema);
  return fixed.length > 0 && others.length === 0 ? fixed.join('; ') : undefined;
}

/** Deletes the very object that was looked at, and waits until it is gone. Throws OBJECT_REFUSED where it stays. */
export async function removeToRecreate(
  session: Session,
  wanted: KubeObject,
  live: KubeObject,
  resource: Resource,
  writing: Writing,
): Promise<void> {
  const { signal } = writing;
  const path = objectPath(resource, refOf(live));
  const { uid, resourceVersion } = live.metadata;
  await writing.lease.beforeWrite();
  try {
    await session.client.request({
      method: 'DELETE',
      path,
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation(wanted, live),
        preconditions: { uid: textOf(uid), resourceVersion: textOf(resourceVersion) },
      },
      as: session.account,
      signal,
    });
  } catch (error) {
    // Gone, or changed meanwhile: the next apply finds out how it is now.
    if (isApiError(error, 404, 409)) return;
    throw error;
  }
  await untilGone(session, live, path, signal);
}

async function untilGone(
  session: Session,
  live: KubeObject,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + goneWithinMs;
  for (let pause = 20; Date.now() < until; pause = Math.min(longestPauseMs, pause * 2)) {
    const now = await session.client.request({ path, signal }).catch((error: unknown) => {
      if (isApiError(error, 404)) return undefined;
      throw error;
    });
    if (now === undefined || objectOf(now.body.metadata).uid !== live.metadata.uid) return;
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
  const object = describeRef(refOf(live));
  throw new SlipwayError(
    'OBJECT_REFUSED',
    `${object}: it is to be made anew, but does not go: ${whyStillThere(live)}`,
    {
      object,
      hint: 'Remove what holds it up, then retry the release.',
    },
  );
}

/** The pods of a StatefulSet go on serving and are taken in by the new one, unless it selects others. */
function propagation(wanted: KubeObject, live: KubeObject): string {
  const selector = (object: KubeObject) => objectOf(object.spec).selector;
  const keepsPods = wanted.kind === 'StatefulSet' && sameJson(selector(wanted), selector(live));
  return keepsPods ? 'Orphan' : 'Foreground';
}
