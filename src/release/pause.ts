import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `ms` milliseconds, or when `early` does. Rejects with the signal's reason. */
export async function pause(ms: number, signal: AbortSignal, early?: Promise<void>): Promise<void> {
  const over = new AbortController();
  try {
    const ending = AbortSignal.any([signal, over.signal]);
    await Promise.race([sleep(ms, undefined, { signal: ending }), ...(early ? [early] : [])]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    over.abort();
  }
}
