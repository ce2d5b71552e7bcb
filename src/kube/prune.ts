import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../errors.ts';
import type { ObjectChange } from '../model/change-set.ts';
import { describeRef, type KubeObject, type RenderedObject, refKey, refOf } from '../model/object.ts';
import type { PruneOptions } from '../ports/cluster.ts';
import { isApiError } from './client/api-error.ts';
import { objectPath, type Resource } from './discovery/resource.ts';
import { explain } from './explain/explain.ts';
import { noSchema } from './explain/kind-schema.ts';
import { type FenceWatch, watchFence } from './fence-watch.ts';
import { isRunOf } from './hooks/hook-object.ts';
import { textOf } from './json.ts';
import { inOwnWaves } from './order.ts';
import { inParallel } from './parallel.ts';
import { isCopy, isLeaving, type Keep, whyKept, whyStillThere } from './prune-guard.ts';
import { heldBack } from './prune-hold.ts';
import type { Session } from './session.ts';

/** How long deleted objects are waited for; what is still there then stays in the inventory. */
const patienceMs = 3_000;
const firstPauseMs = 20;
const conflictTries = 3;

interface Pruning {
  signal: AbortSignal;
  dryRun: boolean;
  whole: boolean;
  fence: FenceWatch;
}

/**
 * Deletes the members that `objects` no longer holds, last wave first, each only in the version that was looked at.
 * Nothing is deleted after an incomplete apply, list or discovery, nor for an empty set; then every candidate is in
 * the answer as skipped, with the reason, and stays in the inventory.
 */
export async function prune(
  session: Session,
  objects: RenderedObject[],
  options: PruneOptions,
): Promise<ObjectChange[]> {
  const { signal, dryRun = false, whole = false, confirmed = false } = options;
  const pruning = { signal, dryRun, whole, fence: watchFence(options.fence, signal) };
  await refuseWithoutRight(session);
  const candidates = await leftOvers(session, objects);
  const changes: ObjectChange[] = [];
  session.survivors = candidates;
  const obstacle = await whyNothing(session, objects, whole);
  if (obstacle !== undefined) return candidates.map((object) => skipped(object, { reason: obstacle }));
  const held = confirmed ? [] : await heldBack(session, candidates, whole);
  if (held.length > 0)
    return candidates.map((object) => heldChange(object, held, whyKept(object, session.parent.id, whole)));

  session.survivors = [];
  try {
    for (const wave of inOwnWaves(candidates, (member) => member).reverse()) {
      await pruning.fence.look();
      changes.push(...(await pruneWave(session, wave, pruning)));
    }
  } finally {
    session.changes.push(...changes);
  }
  return changes;
}

/** A right that is missing stays missing: said aloud, or objects would be left behind for ever in silence. */
async function refuseWithoutRight(session: Session): Promise<void> {
  const { forbidden } = await session.live;
  if (forbidden.length === 0) return;
  const message = `Slipway's account may not list ${forbidden.join(', ')}, so nothing can be pruned`;
  throw new SlipwayError('CLUSTER_FORBIDDEN', message, {
    hint: 'Grant the verbs get, list and watch for it to the account of the kubeconfig.',
  });
}

async function leftOvers(session: Session, objects: RenderedObject[]): Promise<KubeObject[]> {
  const { members } = await session.live;
  const held = new Set(objects.map(({ object }) => refKey(refOf(object))));
  // The same object under another group (an Ingress that moved) has another key and the same uid.
  const uids = new Set([...session.applied.values()].map(({ live }) => textOf(live.metadata.uid)));
  return [...members]
    .filter(([, member]) => !isRunOf(member, objects) && !isCopy(member))
    .filter(([key, member]) => !held.has(key) && !uids.has(textOf(member.metadata.uid)))
    .map(([, member]) => member);
}

async function whyNothing(
  session: Session,
  objects: RenderedObject[],
  whole: boolean,
): Promise<string | undefined> {
  const { gaps } = await session.live;
  if (objects.length === 0 && !whole) {
    return 'kept: the app has no objects left, which is taken for a mistake';
  }
  // There is no later release of it that would look again: this one is repeated.
  if (gaps.length > 0 && whole) {
    throw new SlipwayError(
      'CLUSTER_UNREACHABLE',
      `the list of what is live is not complete (${gaps.join('; ')})`,
    );
  }
  if (!session.complete && !whole) return 'kept: not every object was applied';
  if (gaps.length > 0) return `kept: the list of what is live is not complete (${gaps.join('; ')})`;
  return undefined;
}

async function pruneWave(session: Session, wave: KubeObject[], pruning: Pruning): Promise<ObjectChange[]> {
  const changes = new Map<KubeObject, ObjectChange>();
  const leaving: KubeObject[] = [];
  await inParallel(wave, session.client.maxRequests, async (object) => {
    const change = await pruneObject(session, object, pruning, leaving);
    changes.set(object, change);
    if (change.action !== 'pruned') session.survivors.push(object);
  });
  if (!pruning.dryRun) await waitForWave(session, leaving, changes, pruning.signal);
  return wave.flatMap((object) => changes.get(object) ?? []);
}

async function pruneObject(
  session: Session,
  candidate: KubeObject,
  pruning: Pruning,
  leaving: KubeObject[],
): Promise<ObjectChange> {
  const resource = await session.discovery.resource(refOf(candidate), pruning.signal);
  if (!resource) return pruned(candidate);
  let object: KubeObject | undefined = candidate;
  for (let tries = 1; ; tries += 1) {
    const kept = whyKept(object, session.parent.id, pruning.whole);
    if (kept) return skipped(object, kept);
    if (isLeaving(object)) return skipped(object, { reason: whyStillThere(object) });
    await pruning.fence.beforeWrite();
    try {
      if (await remove(session, object, resource, pruning)) leaving.push(object);
      return pruned(object);
    } catch (error) {
      if (isApiError(error, 404)) return pruned(object);
      if (!isApiError(error, 409) || tries >= conflictTries) return failed(session, object, resource, error);
      await pruning.fence.look();
      object = await readAgain(session, object, resource, pruning.signal);
      // Gone, or made anew by somebody else meanwhile: that one is not ours to delete.
      if (object?.metadata.uid !== candidate.metadata.uid || !object) return pruned(candidate);
    }
  }
}

/** Resolves to whether it is still there, waiting for its dependents or finalizers. */
async function remove(
  session: Session,
  object: KubeObject,
  resource: Resource,
  pruning: Pruning,
): Promise<boolean> {
  const { uid, resourceVersion } = object.metadata;
  const { body } = await session.client.request({
    method: 'DELETE',
    path: objectPath(resource, refOf(object)),
    // A DELETE with a body reads its options from the body alone: `?dryRun=All` beside it would delete for real.
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: session.target.prune?.propagation === 'foreground' ? 'Foreground' : 'Background',
      ...(pruning.dryRun ? { dryRun: ['All'] } : {}),
      preconditions: { uid: textOf(uid), resourceVersion: textOf(resourceVersion) },
    },
    as: session.account,
    signal: pruning.signal,
  });
  return body.kind !== 'Status';
}

async function readAgain(
  session: Session,
  object: KubeObject,
  resource: Resource,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const ask = (as?: string) =>
    session.client.request({ path: objectPath(resource, refOf(object)), as, signal });
  try {
    // As the lists of `live.ts`: Slipway's own account may not read Secrets, the project's may.
    const answer = await ask().catch((error: unknown) => {
      if (!isApiError(error, 403) || session.account === undefined) throw error;
      return ask(session.account);
    });
    return answer.body as KubeObject;
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    throw error;
  }
}

async function waitForWave(
  session: Session,
  leaving: KubeObject[],
  changes: Map<KubeObject, ObjectChange>,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + patienceMs;
  let waiting = leaving;
  for (let pause = firstPauseMs; waiting.length > 0; pause *= 2) {
    const still: KubeObject[] = [];
    await inParallel(waiting, session.client.maxRequests, async (object) => {
      const resource = await session.discovery.resource(refOf(object), signal);
      const now = resource && (await readAgain(session, object, resource, signal));
      if (now?.metadata.uid === object.metadata.uid && now) still.push(now);
    });
    waiting = still;
    if (waiting.length === 0 || Date.now() + pause > until) break;
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
  for (const object of waiting) {
    session.survivors.push(object);
    const change = [...changes.values()].find((one) => refKey(one.ref) === refKey(refOf(object)));
    if (change) change.reason = whyStillThere(object);
  }
}

function pruned(object: KubeObject): ObjectChange {
  return { ref: refOf(object), action: 'pruned', fields: [] };
}

function heldChange(object: KubeObject, held: KubeObject[], kept: Keep | undefined): ObjectChange {
  if (!held.includes(object)) return skipped(object, kept ?? { reason: whyStillThere(object) });
  const what = held.length === 1 ? '1 object' : `${held.length} objects`;
  const reason = `held: ${what} would be deleted, which a person is to confirm`;
  return { ...skipped(object, { reason }), held: true };
}

function skipped(object: KubeObject, keep: Keep): ObjectChange {
  return { ref: refOf(object), action: 'skipped', fields: [], ...keep };
}

/** A refusal of one object is its change; what trying again may cure ends the prune. */
async function failed(
  session: Session,
  object: KubeObject,
  resource: Resource,
  error: unknown,
): Promise<ObjectChange> {
  const { account, client, masks } = session;
  const asked = {
    ref: refOf(object),
    object,
    resource,
    verb: 'delete',
    account,
    masks,
    cluster: client.cluster,
  } as const;
  const explained = await explain(error, asked, noSchema);
  if (!(explained instanceof SlipwayError) || explained.retryable || !explained.object) throw explained;
  const reason = explained.message.replace(`${describeRef(asked.ref)}: `, '');
  return { ref: asked.ref, action: 'failed', fields: [], reason, hint: explained.hint };
}
