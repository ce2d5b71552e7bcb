import { SlipwayError } from '../../errors.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import { textOf } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import { describeRef, type KubeObject, type RenderedObject, refKey, refOf } from '../../model/object.ts';
import type { PruneOptions } from '../../ports/cluster.ts';
import type { Applied } from '../apply/applied.ts';
import type { ReleaseContext } from '../context.ts';
import { guardLease } from '../lease-guard.ts';
import type { Live } from '../live/live.ts';
import { ownEntry } from '../managed-fields.ts';
import { isBeingDeleted } from '../objects/gone.ts';
import { isRunOf } from '../plan/hook-object.ts';
import { inOwnWaves } from '../plan/order.ts';
import { behindGaps } from './behind-gaps.ts';
import { heldChange, skipped, staying } from './prune-change.ts';
import { isCopy, whyKept } from './prune-guard.ts';
import { heldBack } from './prune-hold.ts';
import { type Pruning, pruneWave, type WavePrune } from './prune-wave.ts';

/** What a prune has done, also if it was interrupted. */
export interface PruneResult {
  readonly changes: readonly ObjectChange[];
  /** Members that no file holds any more and that are still there: they stay in the inventory. */
  readonly survivors: readonly KubeObject[];
  /** Whether deleting began. If not, every candidate is reported as skipped, with the reason. */
  readonly hasBegun: boolean;
  /** What ended the prune and concerns no single object, for the caller to throw. */
  readonly interruption?: { error: unknown } | undefined;
}

/** What the last apply left. */
export interface BeforePrune {
  applied: readonly Applied[];
  isComplete: boolean;
}

/**
 * Deletes the members that `objects` no longer holds, last wave first, each only in the version that was read. A wave
 * begins when the one before is gone: what a finalizer needs to do its work is still there then. Nothing is deleted
 * after an incomplete apply, nor for an empty set; of a kind that could not be read, nothing that concerns it.
 */
export async function prune(
  context: ReleaseContext,
  objects: RenderedObject[],
  before: BeforePrune,
  options: PruneOptions,
): Promise<PruneResult> {
  const pruning = pruningOf(options);
  const live = await context.live;
  refuseWithoutRight(live);
  if (pruning.whole) refuseIncomplete(live);
  const leftovers = leftOvers(live, objects, before.applied);
  const obstacle = whyNothing(objects, before.isComplete, pruning.whole);
  if (obstacle) return notBegun(leftovers, (object) => staying(object, obstacle));
  const unread = behindGaps(live, leftovers, objects);
  const candidates = leftovers.filter((object) => !unread.survivors.includes(object));
  const { left, others } = await leaveForOthers(candidates, options);
  const held = options.confirmed
    ? []
    : heldBack(context, live, others, { rendered: objects, whole: pruning.whole });
  const pruned =
    held.length > 0
      ? notBegun(others, (object) => heldChange(object, held, whyKept(object, context.setId, pruning.whole)))
      : await pruneWaves(context, others, pruning);
  return {
    ...pruned,
    changes: [...unread.changes, ...left.changes, ...pruned.changes],
    survivors: [...unread.survivors, ...left.survivors, ...pruned.survivors],
  };
}

/** What other targets render is left on the cluster as it is, for them to take over. */
async function leaveForOthers(
  candidates: KubeObject[],
  { leftFor }: PruneOptions,
): Promise<{ left: WavePrune; others: KubeObject[] }> {
  // Also what is kept anyway: nobody should be told to delete by hand what another target needs.
  const own = candidates.filter((object) => ownEntry(object) && !isBeingDeleted(object));
  const notices = own.length > 0 ? await leftFor?.(own.map(refOf)) : undefined;
  const left: WavePrune = { changes: [], survivors: [] };
  for (const object of own) {
    const notice = notices?.get(refKey(refOf(object)));
    if (!notice) continue;
    left.changes.push(skipped(object, notice));
    left.survivors.push(object);
  }
  return { left, others: candidates.filter((object) => !left.survivors.includes(object)) };
}

function pruningOf({ signal, waits, checkLease, dryRun = false, whole = false }: PruneOptions): Pruning {
  const waiting = waits ? AbortSignal.any([signal, waits.signal]) : signal;
  return { signal, waiting, dryRun, whole, lease: guardLease(checkLease, signal) };
}

async function pruneWaves(
  context: ReleaseContext,
  candidates: KubeObject[],
  pruning: Pruning,
): Promise<PruneResult> {
  const changes: ObjectChange[] = [];
  const survivors: KubeObject[] = [];
  for (const wave of inOwnWaves(candidates, (member) => member).reverse()) {
    const blocking = changes.find(({ stays }) => stays);
    const done = blocking
      ? keepWave(context, wave, pruning, blocking)
      : await pruneWave(context, wave, pruning);
    changes.push(...done.changes);
    survivors.push(...done.survivors);
    const { interruption } = done;
    if (interruption) return { changes, survivors, hasBegun: true, interruption };
  }
  return { changes, survivors, hasBegun: true };
}

/** What goes after an object that is still there waits for a later prune. */
function keepWave(
  { setId }: ReleaseContext,
  wave: KubeObject[],
  { whole }: Pruning,
  blocking: ObjectChange,
): WavePrune {
  const summary = `until ${describeRef(blocking.ref)}, which goes before it, is gone`;
  const changes = wave.map((object) => {
    const kept = whyKept(object, setId, whole);
    return kept ? skipped(object, kept) : staying(object, { kind: 'kept', summary });
  });
  return { changes, survivors: wave };
}

function notBegun(candidates: KubeObject[], changeOf: (object: KubeObject) => ObjectChange): PruneResult {
  return { changes: candidates.map(changeOf), survivors: candidates, hasBegun: false };
}

/** A right that is missing stays missing: it is an error, or objects would be left behind for ever in silence. */
function refuseWithoutRight({ forbidden }: Live): void {
  if (forbidden.length === 0) return;
  const message = `Slipway's account may not list ${forbidden.join(', ')}, so nothing can be pruned`;
  throw new SlipwayError('CLUSTER_FORBIDDEN', message, {
    hint: 'Grant the verbs get, list and watch for it to the account of the kubeconfig.',
  });
}

function leftOvers({ members }: Live, objects: RenderedObject[], applied: readonly Applied[]): KubeObject[] {
  const held = new Set(objects.map(({ object }) => refKey(refOf(object))));
  // The same object under another group (an Ingress that moved) has another key and the same uid.
  const uids = new Set(applied.map(({ live }) => textOf(live.metadata.uid)));
  return [...members]
    .filter(([, member]) => !isRunOf(member, objects) && !isCopy(member))
    .filter(([key, member]) => !held.has(key) && !uids.has(textOf(member.metadata.uid)))
    .map(([, member]) => member);
}

/** No later release of a removed target would look again: this one is repeated. */
function refuseIncomplete({ gaps }: Live): void {
  if (gaps.length === 0) return;
  const reasons = [...new Set(gaps.map(({ reason }) => reason))].join('; ');
  throw new SlipwayError('CLUSTER_UNREACHABLE', `the list of what is live is not complete (${reasons})`);
}

/** Why nothing may be deleted; undefined: it may. */
function whyNothing(objects: RenderedObject[], isComplete: boolean, whole: boolean): Notice | undefined {
  if (whole) return undefined;
  if (objects.length === 0) {
    return {
      kind: 'kept',
      summary: 'the app has no objects left, which is taken for a mistake',
      hint: 'To delete them all, remove the app from slipway.yaml.',
    };
  }
  return isComplete ? undefined : { kind: 'kept', summary: 'not every object was applied' };
}
