import { setTimeout as sleep } from 'node:timers/promises';
import { listOf, textOf } from '../../model/json.ts';
import { type KubeObject, refOf } from '../../model/object.ts';
import type { Resource } from '../discovery/resource.ts';
import { inParallel } from '../parallel.ts';
import { type Reader, readObject } from './read.ts';

const firstPauseMs = 20;
const longestPauseMs = 2_000;

export interface Leaving {
  object: KubeObject;
  resource: Resource;
}

export interface GoneOptions {
  /** Milliseconds to wait at most. */
  withinMs: number;
  /** Rejects the wait with its reason. */
  signal: AbortSignal;
  /** Ends the wait early, with what is left then. */
  waiting?: AbortSignal | undefined;
}

/**
 * Waits until these very objects (by uid) are gone, and resolves to those that are not, as they are now. Looks at once,
 * then after 20 ms, with pauses that double up to 2 s.
 */
export async function untilGone(
  reader: Reader,
  leaving: Leaving[],
  { withinMs, signal, waiting = signal }: GoneOptions,
): Promise<KubeObject[]> {
  const until = performance.now() + withinMs;
  let left = leaving;
  for (let pause = firstPauseMs; left.length > 0; pause = Math.min(pause * 2, longestPauseMs)) {
    const still: Leaving[] = [];
    await inParallel(left, reader.client.maxRequests, async ({ object, resource }) => {
      const now = await readObject(reader, resource, refOf(object), signal);
      if (now && now.metadata.uid === object.metadata.uid) still.push({ object: now, resource });
    });
    left = still;
    if (left.length === 0 || waiting.aborted || performance.now() + pause > until) break;
    await sleep(pause, undefined, { signal: waiting }).catch(() => undefined);
    signal.throwIfAborted();
  }
  return left.map(({ object }) => object);
}

/** Whether the deletion of the object was asked for already. */
export function isBeingDeleted(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** In words, what still holds up an object that is being deleted. */
export function describeDeletion(object: KubeObject): string {
  const finalizers = listOf(object.metadata.finalizers).map(textOf);
  return finalizers.length > 0
    ? `it is being deleted, held up by ${finalizers.join(', ')}`
    : 'it is being deleted';
}
