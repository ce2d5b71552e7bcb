/** Lets a few in at once; of those who wait, the one with the lowest number is next, and of equals the first. */
export interface Limiter {
  /** Resolves to the function that gives the place back. Rejects with the signal's reason. */
  acquire(order: number, signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  order: number;
  grant(): void;
}

export function createLimiter(permits: number): Limiter {
  const waiting: Waiting[] = [];
  let free = permits;

  function leave(): void {
    const next = waiting.shift();
    if (next) next.grant();
    else free += 1;
  }

  function once(): () => void {
    let left = false;
    return () => {
      if (!left) leave();
      left = true;
    };
  }

  return {
    async acquire(order, signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return once();
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
            resolve(once());
          },
        };
        const behind = waiting.findIndex((other) => other.order > order);
        waiting.splice(behind < 0 ? waiting.length : behind, 0, entry);
        signal.addEventListener('abort', abort, { once: true });
      });
    },
  };
}

/** The same limiter, which reports when a release asks for a permit and when it releases it. */
export function observedLimiter(limiter: Limiter, comes: () => void, leaves: () => void): Limiter {
  return {
    async acquire(order, signal) {
      comes();
      const leave = await limiter.acquire(order, signal);
      return () => {
        leave();
        leaves();
      };
    },
  };
}

/** One limiter a cluster: a cluster that does not respond holds up no release of another. */
export function createLimiters(permits: (cluster: string) => number): (cluster: string) => Limiter {
  const limiters = new Map<string, Limiter>();
  return (cluster) => {
    const limiter = limiters.get(cluster) ?? createLimiter(permits(cluster));
    limiters.set(cluster, limiter);
    return limiter;
  };
}
