import type { Limiter, Permit } from '../ports/limiter.ts';

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
