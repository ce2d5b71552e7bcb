import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Everything that a process runs, of all queues. A job that must run alone enters when no other one has begun lately,
 * and no other one begins until it leaves: if the process then dies, this job did it.
 */
export interface JobRoom {
  /** Whether a job may begin now, so that a worker takes none that would only wait. */
  isOpen(): boolean;
  /** Resolves when that may have changed. */
  change(): Promise<void>;
  /** Resolves to a function that leaves the room. Rejects with the signal's reason. */
  enter(alone: boolean, signal: AbortSignal): Promise<() => void>;
}

const LOOK_MS = 250;

/** `livedMs`: a job that began longer ago than this is no danger to others. */
export function createJobRoom(livedMs: number): JobRoom {
  const since = new Map<symbol, number>();
  let alone: symbol | undefined;
  let waiting = 0;
  let changed = Promise.withResolvers<void>();

  function notify(): void {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  }

  const isOpen = () => alone === undefined && waiting === 0;

  function isQuiet(): boolean {
    const now = performance.now();
    return alone === undefined && [...since.values()].every((began) => now - began >= livedMs);
  }

  const change = () => Promise.race([changed.promise, sleep(LOOK_MS, undefined, { ref: false })]);

  function leave(job: symbol): void {
    since.delete(job);
    if (alone === job) alone = undefined;
    notify();
  }

  /** Nothing is awaited between the condition and the entry, or two jobs would enter at once. */
  async function enterIf(condition: () => boolean, signal: AbortSignal, enter: (job: symbol) => void) {
    const job = Symbol('job');
    signal.throwIfAborted();
    while (!condition()) {
      await change();
      signal.throwIfAborted();
    }
    since.set(job, performance.now());
    enter(job);
    return () => leave(job);
  }

  async function enterAlone(signal: AbortSignal): Promise<() => void> {
    waiting += 1;
    try {
      return await enterIf(isQuiet, signal, (job) => {
        alone = job;
      });
    } finally {
      waiting -= 1;
      notify();
    }
  }

  return {
    isOpen,
    change,
    enter: (isAlone, signal) => (isAlone ? enterAlone(signal) : enterIf(isOpen, signal, () => undefined)),
  };
}
