import type { Gate } from './gate.ts';

/** A release's place behind the gate. */
export interface Place {
  leave(): void;
  /** Waits without holding the place, and takes one again after the last of the waits that run at once. */
  aside<T>(wait: () => Promise<T>): Promise<T>;
}

/** Rejects with the signal's reason. */
export async function takePlace(gate: Gate, order: number, signal: AbortSignal): Promise<Place> {
  let leave = await gate.enter(order, signal);
  let waits = 0;
  return {
    leave: () => leave(),
    async aside(wait) {
      waits += 1;
      leave();
      try {
        return await wait();
      } finally {
        waits -= 1;
        if (waits === 0) leave = await gate.enter(order, signal);
      }
    },
  };
}
