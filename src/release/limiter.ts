import type { Limiter } from '../ports/limiter.ts';

type Grant = () => void;

export function createLimiter(permits: number): Limiter {
  /** Flows with waiters; the first one is next. */
  const waiting = new Map<string, Set<Grant>>();
  let free = permits;

  function add(flow: string, grant: Grant): void {
    const waiters = waiting.get(flow) ?? new Set();
    waiting.set(flow, waiters.add(grant));
  }

  function remove(flow: string, grant: Grant): void {
    const waiters = waiting.get(flow);
    waiters?.delete(grant);
    if (waiters?.size === 0) waiting.delete(flow);
  }

  /** Removes the next waiter; its flow is the last one now. */
  function next(): Grant | undefined {
    for (const [flow, waiters] of waiting) {
      for (const grant of waiters) {
        remove(flow, grant);
        if (waiting.delete(flow)) waiting.set(flow, waiters);
        return grant;
      }
    }
    return undefined;
  }

  function release(): void {
    const grant = next();
    if (grant) grant();
    else free += 1;
  }

  function releaseOnce(): () => void {
    let released = false;
    return () => {
      if (!released) release();
      released = true;
    };
  }

  return {
    async acquire(flow, signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return releaseOnce();
      }
      return new Promise((resolve, reject) => {
        const abort = () => {
          remove(flow, grant);
          reject(signal.reason);
        };
        const grant = () => {
          signal.removeEventListener('abort', abort);
          resolve(releaseOnce());
        };
        add(flow, grant);
        signal.addEventListener('abort', abort, { once: true });
      });
    },
  };
}

/** The slot of a job that works: it is kept until it is freed. */
interface WorkSlot {
  keep(): void;
  free(): void;
}

/** Keeps the slot from when a permit is requested until it was released. */
export function observedLimiter(limiter: Limiter, slot: WorkSlot | undefined): Limiter {
  return {
    async acquire(flow, signal) {
      slot?.keep();
      const release = await limiter.acquire(flow, signal);
      return () => {
        release();
        slot?.free();
      };
    },
  };
}

/** One limiter per cluster, so that a cluster that does not respond delays no release on another cluster. */
export function createLimiters(permits: (cluster: string) => number): (cluster: string) => Limiter {
  const limiters = new Map<string, Limiter>();
  return (cluster) => {
    const limiter = limiters.get(cluster) ?? createLimiter(permits(cluster));
    limiters.set(cluster, limiter);
    return limiter;
  };
}
