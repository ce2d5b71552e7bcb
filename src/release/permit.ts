import type { Limiter } from '../ports/limiter.ts';

/** A release's right to render and apply on a cluster. */
export interface Permit {
  /** For good. */
  release(): void;
  /**
   * Releases the permit during the wait. If waits overlap, the permit is acquired again after the last of them; not if it
   * was released for good meanwhile or before.
   */
  whileReleased<T>(wait: () => Promise<T>): Promise<T>;
}

/** Rejects with the signal's reason. */
export async function acquirePermit(limiter: Limiter, flow: string, signal: AbortSignal): Promise<Permit> {
  let release = await limiter.acquire(flow, signal);
  let waits = 0;
  let isOver = false;
  return {
    release() {
      isOver = true;
      release();
    },
    async whileReleased(wait) {
      waits += 1;
      release();
      try {
        return await wait();
      } finally {
        waits -= 1;
        if (waits === 0 && !isOver) release = await limiter.acquire(flow, signal);
      }
    },
  };
}
