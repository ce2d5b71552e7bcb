import { setTimeout as sleep } from 'node:timers/promises';

/** Held by a job that works, as opposed to one that only waits. */
export interface JobSlot {
  /**
   * The slot counts until it is freed, however long that takes: the job waits for a permit or holds one. If it no longer
   * counts, it does not count again: else the jobs that waited together would stop all others from being taken.
   */
  keep(): void;
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

/** A job that takes longer than this, and does not keep its slot, waits for somebody: for Git, or for a forge. */
const PATIENCE_MS = 2_000;
const LOOK_MS = 250;

interface Held {
  kept: boolean;
  /** When the job took its slot, by `performance.now()`. */
  since: number;
}

export function createJobSlots(slots: number): JobSlots {
  const held = new Map<JobSlot, Held>();
  let reserved = 0;
  let changed = Promise.withResolvers<void>();

  function notify(): void {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  }

  function counts({ kept, since }: Held): boolean {
    return kept || performance.now() - since < PATIENCE_MS;
  }

  function working(): number {
    return [...held.values()].filter(counts).length;
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
      const state = { kept: false, since: performance.now() };
      const slot: JobSlot = {
        keep() {
          if (counts(state)) state.kept = true;
        },
        free() {
          if (held.delete(slot)) notify();
        },
      };
      held.set(slot, state);
      return slot;
    },
    change: () => Promise.race([changed.promise, sleep(LOOK_MS, undefined, { ref: false })]),
  };
}
