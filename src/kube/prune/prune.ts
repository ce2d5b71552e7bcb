import { SlipwayError } from '../../errors.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import { textOf } from '../../model/json.ts';
import { describeRef, type KubeObject, type RenderedObject, refKey, refOf } from '../../model/object.ts';
import type { PruneOptions } from '../../ports/cluster.ts';
import { isApiError } from '../client/api-error.ts';
import { objectPath, type Resource } from '../discovery/resource.ts';
import { explain } from '../explain/explain.ts';
import { noSchema } from '../explain/kind-schema.ts';
import { isRunOf } from '../hooks/hook-object.ts';
import { guardLease, type LeaseGuard } from '../lease-guard.ts';
import { inParallel } from '../parallel.ts';
import { inOwnWaves } from '../plan/order.ts';
import { readAgain, stillThere } from '../prune-wait.ts';
import type { Session } from '../session.ts';
import { isCopy, isLeaving, type Keep, whyKept, whyStillThere } from './prune-guard.ts';
import { heldBack } from './prune-hold.ts';

const conflictTries = 3;

interface Pruning {
  signal: AbortSignal;
  /** Ends a wait for what has been deleted. */
  waiting: AbortSignal;
  dryRun: boolean;
  whole: boolean;
  lease: LeaseGuard;
}

/**
 * Deletes the members that `objects` no longer holds, last wave first, each only in the version that was looked at. A
 * wave begins when the one before is gone: what a finalizer needs to do its work is still there then.
 * Nothing is deleted after an incomplete apply, list or discovery, nor for an empty set; then every candidate is in
 * the answer as skipped, with the reason, and stays in the inventory.
 */
export async function prune(
  session: Session,
  objects: RenderedObject[],
  options: PruneOptions,
): Promise<ObjectChange[]> {
  const { signal, dryRun = false, whole = false, confirmed = false } = options;
  const waiting = options.waits ? AbortSignal.any([signal, options.waits.signal]) : signal;
  const pruning = { signal, waiting, dryRun, whole, lease: guardLease(options.checkLease, signal) };
  await refuseWithoutRight(session);
  const candidates = await leftOvers(session, objects);
  const changes: ObjectChange[] = [];
  session.survivors = candidates;
  const obstacle = await whyNothing(session, objects, whole);
  if (obstacle !== undefined)
    return candidates.map((object) => staying(object, obstacle.reason, obstacle.hint));
  const held = confirmed ? [] : await heldBack(session, candidates, whole);
  if (held.length > 0)
    return candidates.map((object) => heldChange(object, held, whyKept(object, session.parent.id, whole)));

  session.survivors = [];
  try {
    for (const wave of inOwnWaves(candidates, (member) => member).reverse()) {
      const before = changes.find(({ stays }) => stays);
      if (before) changes.push(...keepWave(session, wave, pruning, before));
      else changes.push(...(await pruneWave(session, wave, pruning)));
    }
  } finally {
    session.changes.push(...changes);
  }
  return changes;
}

/** What goes after an object that is still there waits for a later prune. */
function keepWave(
  session: Session,
  wave: KubeObject[],
  { whole }: Pruning,
  before: ObjectChange,
): ObjectChange[] {
  session.survivors.push(...wave);
  return wave.map((object) => {
    const kept = whyKept(object, session.parent.id, whole);
    return kept
      ? skipped(object, kept)
      : staying(object, `kept until ${describeRef(before.ref)}, which goes before it, is gone`);
  });
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
): Promise<Keep | undefined> {
  const { gaps } = await session.live;
  if (objects.length === 0 && !whole) {
    return {
      reason: 'kept: the app has no objects left, which is taken for a mistake',
      hint: 'To delete them all, remove the app from slipway.yaml.',
    };
  }
  // There is no later release of it that would look again: this one is repeated.
  if (gaps.length > 0 && whole) {
    throw new SlipwayError(
      'CLUSTER_UNREACHABLE',
      `the list of what is live is not complete (${gaps.join('; ')})`,
    );
  }
  if (!session.complete && !whole) return { reason: 'kept: not every object was applied' };
  if (gaps.length === 0) return undefined;
  return { reason: `kept: the list of what is live is not complete (${gaps.join('; ')})` };
}

async function pruneWave(session: Session, wave: KubeObject[], pruning: Pruning): Promise<ObjectChange[]> {
  await pruning.lease.look();
  const changes = new Map<KubeObject, ObjectChange>();
  const leaving: KubeObject[] = [];
  await inParallel(wave, session.client.maxRequests, async (object) => {
    const change = await pruneObject(session, object, pruning, leaving);
    changes.set(object, change);
    if (change.action !== 'pruned') session.survivors.push(object);
  });
  for (const object of pruning.dryRun ? [] : await stillThere(session, leaving, pruning)) {
    session.survivors.push(object);
    const change = [...changes.values()].find((one) => refKey(one.ref) === refKey(refOf(object)));
    if (change) Object.assign(change, { reason: whyStillThere(object), stays: true });
  }
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
    if (isLeaving(object)) return staying(object, whyStillThere(object));
    await pruning.lease.beforeWrite();
    try {
      if (await remove(session, object, resource, pruning)) leaving.push(object);
      return pruned(object);
    } catch (error) {
      if (isApiError(error, 404)) return pruned(object);
      if (!isApiError(error, 409) || tries >= conflictTries) return failed(session, object, resource, error);
      await pruning.lease.look();
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

function pruned(object: KubeObject): ObjectChange {
  return { ref: refOf(object), action: 'pruned', fields: [] };
}

function heldChange(object: KubeObject, held: KubeObject[], kept: Keep | undefined): ObjectChange {
  if (!held.includes(object)) return kept ? skipped(object, kept) : staying(object, whyStillThere(object));
  const what = held.length === 1 ? '1 object' : `${held.length} objects`;
  const reason = `held: ${what} would be deleted, which a person is to confirm`;
  return { ...skipped(object, { reason }), held: true };
}

function skipped(object: KubeObject, keep: Keep): ObjectChange {
  return { ref: refOf(object), action: 'skipped', fields: [], ...keep };
}

function staying(object: KubeObject, reason: string, hint?: string): ObjectChange {
  return { ...skipped(object, { reason, hint }), stays: true };
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
  return { ref: asked.ref, action: 'failed', fields: [], reason, hint: explained.hint, stays: true };
}
