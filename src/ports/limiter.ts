/**
 * Limits concurrent work. Flows (`model/flow.ts`) take turns, as in the queue: whoever waits gets a permit after at most
 * one waiter of each other flow per waiter of its own flow that came before. The order of the queue alone is not
 * enough, because releases come back for a permit after a wait or an error, a thousand at once after an outage.
 */
export interface Limiter {
  /** Resolves to a function that releases the permit; further calls do nothing. Rejects with the signal's reason. */
  acquire(flow: string, signal: AbortSignal): Promise<() => void>;
}

/** The right of a release or a plan to render and to send requests to its cluster. */
export interface Permit {
  /** For good. */
  release(): void;
  /**
   * Releases the permit during the wait. If waits overlap, the permit is acquired again after the last of them; not if it
   * was released for good meanwhile or before.
   */
  whileReleased<T>(wait: () => Promise<T>): Promise<T>;
}
