/** Limits concurrent work. The waiter with the lowest order gets the next permit; among equals, the first in the queue. */
export interface Limiter {
  /** Resolves to a function that releases the permit; further calls do nothing. Rejects with the signal's reason. */
  acquire(order: number, signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  order: number;
  grant(): void;
}

export function createLimiter(permits: number): Limiter {
  const waiting: Waiting[] = [];
  let free = permits;

  function release(): void {
    const next = waiting.shift();
    if (next) next.grant();
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
    async acquire(order, signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return releaseOnce();
      }
      return new Promise((resolve, reject) => {
        const abort = () => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(signal.reason);
        };
        const entry: Waiting = {
          order,
          grant() {
            signal.removeEventListener('abort', abort);
            resolve(releaseOnce());
          },
        };
        const position = waiting.findIndex((other) => other.order > order);
        waiting.splice(position < 0 ? waiting.length : position, 0, entry);
        signal.addEventListener('abort', abort, { once: true });
      });
    },
  };
}

/** Calls `onRequest` when a permit is requested and `onRelease` after it was released. */
export function observedLimiter(limiter: Limiter, onRequest: () => void, onRelease: () => void): Limiter {
  return {
    async acquire(order, signal) {
      onRequest();
      const release = await limiter.acquire(order, signal);
      return () => {
        release();
        onRelease();
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
