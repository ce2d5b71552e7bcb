import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeObject, refOf } from '../model/object.ts';
import { isApiError } from './client/api-error.ts';
import { objectPath, type Resource } from './discovery/resource.ts';
import { inParallel } from './parallel.ts';
import type { Session } from './session.ts';

const firstPauseMs = 20;
const longestPauseMs = 2_000;

/**
 * Waits until deleted objects are gone, for as long as the app may take to become healthy; resolves to those that are
 * not, as they are now. Ends early when nobody waits for it any more.
 */
export async function stillThere(
  session: Session,
  leaving: KubeObject[],
  { signal, waiting }: { signal: AbortSignal; waiting: AbortSignal },
): Promise<KubeObject[]> {
  const until = Date.now() + session.target.timeoutMs;
  let left = leaving;
  for (let pause = firstPauseMs; left.length > 0; pause = Math.min(pause * 2, longestPauseMs)) {
    const still: KubeObject[] = [];
    await inParallel(left, session.client.maxRequests, async (object) => {
      const resource = await session.discovery.resource(refOf(object), signal);
      const now = resource && (await readAgain(session, object, resource, signal));
      if (now?.metadata.uid === object.metadata.uid && now) still.push(now);
    });
    left = still;
    if (left.length === 0 || waiting.aborted || Date.now() + pause > until) break;
    await sleep(pause, undefined, { signal: waiting }).catch(() => undefined);
    signal.throwIfAborted();
  }
  return left;
}

/** The object as it is now; undefined: gone. */
export async function readAgain(
  session: Session,
  object: KubeObject,
  resource: Resource,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const ask = (as?: string) =>
    session.client.request({ path: objectPath(resource, refOf(object)), as, signal });
  try {
    // As the lists of `live.ts`: Slipway's own account may not read Secrets, the project's may.
    const response = await ask().catch((error: unknown) => {
      if (!isApiError(error, 403) || session.account === undefined) throw error;
      return ask(session.account);
    });
    return response.body as KubeObject;
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    throw error;
  }
}
