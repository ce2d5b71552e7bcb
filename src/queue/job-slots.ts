import { setTimeout as sleep } from 'node:timers/promises';

/** Held by a job that works, as opposed to one that only waits. */
export interface JobSlot {
  /** Names the cluster that the job waits for or works on. */
  at(name: string): void;
  /** Frees the slot: from here on the job only waits, or has ended. */
  free(): void;
}

/**
 * Limits how many jobs of a process work at once. While no slot is free, jobs stay in Redis, where any other process
 * can take them and a small push still overtakes a large one. Jobs that only wait need no slot.
 */
export interface JobSlots {
  /** Reserves a slot for a job that is about to be taken; false: none is free. */
  reserve(): boolean;
  /** Ends a reservation: no job was there, or it now takes its slot. */
  release(): void;
  take(): JobSlot;
  /** Resolves when a slot was freed, or after a moment. */
  change(): Promise<void>;
}

/** If no job ends on a cluster for this long, its jobs do not count, so that other clusters need not wait for it. */
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
