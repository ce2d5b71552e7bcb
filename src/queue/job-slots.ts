import { setTimeout as sleep } from 'node:timers/promises';

/** One job that works and does not only wait. */
export interface JobSlot {
  /** Says on what it waits for its turn or works: a cluster. */
  at(name: string): void;
  /** From here on the job only waits, or has ended. */
  free(): void;
}

/**
 * How many jobs of a process may work at once. While there is no room, jobs stay in Redis, where any other process
 * may take them and where a small push still passes a large one; jobs that only wait take no room.
 */
export interface JobSlots {
  /** Counts a job that is about to be taken; false: no room. */
  reserve(): boolean;
  /** There was none, or it now has its place. */
  release(): void;
  take(): JobSlot;
  /** Resolves when a place was freed, or after a moment. */
  change(): Promise<void>;
}

/** While nobody leaves a cluster for this long, who is there takes no room: others must not wait for it. */
const STALLED_MS = 2_000;
const LOOK_MS = 250;

export function createJobSlots(slots: number): JobSlots {
  const held = new Map<JobSlot, { name: string; since: number }>();
  const lastFreed = new Map<string, number>();
  let reserved = 0;
  let changed = Promise.withResolvers<void>();

  function notify(): void {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  }

  function working(): number {
    const now = Date.now();
    return [...held.values()].filter(
      ({ name, since }) => now - Math.max(since, lastFreed.get(name) ?? 0) < STALLED_MS,
    ).length;
  }

  return {
    reserve() {
      if (reserved + working() >= slots) return false;
      reserved += 1;
      return true;
    },
    release() {
      reserved -= 1;
      notify();
    },
    take() {
      const state = { name: '', since: Date.now() };
      const slot: JobSlot = {
        at(name) {
          state.name = name;
        },
        free() {
          if (!held.delete(slot)) return;
          lastFreed.set(state.name, Date.now());
          notify();
        },
      };
      held.set(slot, state);
      return slot;
    },
    change: () => Promise.race([changed.promise, sleep(LOOK_MS, undefined, { ref: false })]),
  };
}
