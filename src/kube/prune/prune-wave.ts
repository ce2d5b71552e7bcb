import { SlipwayError } from '../../errors.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import { type KubeObject, refOf } from '../../model/object.ts';
import type { ReleaseContext } from '../context.ts';
import type { LeaseGuard } from '../lease-guard.ts';
import { deleteObject } from '../objects/delete.ts';
import { isBeingDeleted, type Leaving, untilGone } from '../objects/gone.ts';
import { readObject } from '../objects/read.ts';
import { inParallel } from '../parallel.ts';
import { beingDeleted, pruned, skipped, staying } from './prune-change.ts';
import { whyKept } from './prune-guard.ts';

const conflictTries = 3;

export interface Pruning {
  signal: AbortSignal;
  /** Ends a wait for what has been deleted. */
  waiting: AbortSignal;
  dryRun: boolean;
  /** The whole target goes. */
  whole: boolean;
  lease: LeaseGuard;
}

/** What came of one wave, also if it was interrupted. */
export interface WavePrune {
  changes: ObjectChange[];
  /** What is still there. */
  survivors: KubeObject[];
  interruption?: { error: unknown } | undefined;
}

/** What came of one object. */
interface ObjectPrune {
  change: ObjectChange;
  /** It was deleted, and something still holds it up. */
  leaving?: Leaving | undefined;
}

/**
 * Deletes the objects of one wave in parallel and waits until they are gone, for as long as the app may take to become
 * healthy.
 */
export async function pruneWave(
  context: ReleaseContext,
  wave: KubeObject[],
  pruning: Pruning,
): Promise<WavePrune> {
  const results = new Map<KubeObject, ObjectPrune>();
  try {
    await pruning.lease.check();
    await inParallel(wave, context.client.maxRequests, async (object) => {
      results.set(object, await pruneObject(context, object, pruning));
    });
    return resultOf(wave, results, await notGone(context, [...results.values()], pruning));
  } catch (error) {
    return { ...resultOf(wave, results, new Map()), interruption: { error } };
  }
}

/** Those that are still there after the wait, by uid. */
async function notGone(
  context: ReleaseContext,
  results: ObjectPrune[],
  { signal, waiting, dryRun }: Pruning,
): Promise<Map<unknown, KubeObject>> {
  const leaving = dryRun ? [] : results.flatMap((result) => result.leaving ?? []);
  const options = { withinMs: context.target.timeoutMs, signal, waiting };
  const left = await untilGone(context, leaving, options);
  return new Map(left.map((object) => [object.metadata.uid, object]));
}

function resultOf(
  wave: KubeObject[],
  results: ReadonlyMap<KubeObject, ObjectPrune>,
  left: ReadonlyMap<unknown, KubeObject>,
): WavePrune {
  const changes: ObjectChange[] = [];
  const survivors: KubeObject[] = [];
  for (const object of wave) {
    const result = results.get(object);
    const still = result?.leaving && left.get(object.metadata.uid);
    if (still || result?.change.action !== 'pruned') survivors.push(still ?? object);
    if (!result) continue;
    const stays = still ? { notice: beingDeleted(still), stays: true } : {};
    changes.push({ ...result.change, ...stays });
  }
  return { changes, survivors };
}

async function pruneObject(
  context: ReleaseContext,
  candidate: KubeObject,
  pruning: Pruning,
): Promise<ObjectPrune> {
  const { signal } = pruning;
  const resource = await context.discovery.resource(refOf(candidate), signal);
  if (!resource) return { change: pruned(candidate) };
  const propagation = context.target.prune?.propagation === 'foreground' ? 'Foreground' : 'Background';
  let object = candidate;
  for (let tries = 1; ; tries += 1) {
    const kept = whyKept(object, context.setId, pruning.whole);
    if (kept) return { change: skipped(object, kept) };
    if (isBeingDeleted(object)) return { change: staying(object, beingDeleted(object)) };
    try {
      const deletion = { object, resource, propagation, only: 'version' } as const;
      const outcome = await deleteObject(context, deletion, pruning);
      if (outcome === 'gone') return { change: pruned(object) };
      if (outcome === 'deleting') return { change: pruned(object), leaving: { object, resource } };
    } catch (error) {
      return { change: failedChange(object, error) };
    }
    if (tries >= conflictTries) throw keepsChanging(object);
    await pruning.lease.check();
    const now = await readObject(context, resource, refOf(object), signal);
    // Gone, or recreated by somebody else meanwhile: that one is not the target's to delete.
    if (!now || now.metadata.uid !== candidate.metadata.uid) return { change: pruned(candidate) };
    object = now;
  }
}

/** A refusal of one object is its change; what another attempt may cure ends the prune. */
function failedChange(object: KubeObject, error: unknown): ObjectChange {
  if (!(error instanceof SlipwayError) || error.retryable || !error.object) throw error;
  return { ref: refOf(object), action: 'failed', fields: [], failure: error.failure, stays: true };
}

function keepsChanging(object: KubeObject): SlipwayError {
  const summary = `it was changed each of ${conflictTries} times that it was to be deleted`;
  return new SlipwayError('CLUSTER_CONFLICT', summary, { object: refOf(object) });
}
