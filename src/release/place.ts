import type { Gate } from './gate.ts';

/** A release's place behind the gate. */
export interface Place {
  leave(): void;
  /** Waits without holding the place, and takes one again; who waits for health holds up nobody. */
  aside<T>(wait: () => Promise<T>): Promise<T>;
}

/** Rejects with the signal's reason. */
export async function takePlace(gate: Gate, order: number, signal: AbortSignal): Promise<Place> {
  let leave = await gate.enter(order, signal);
  return {
    leave: () => leave(),
    async aside(wait) {
      leave();
      const found = await wait();
      leave = await gate.enter(order, signal);
      return found;
    },
  };
}
