/** Lets a few in at once; of those who wait, the one with the lowest number is next, and of equals the first. */
export interface Gate {
  /** Resolves to the function that gives the place back. Rejects with the signal's reason. */
  enter(order: number, signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  order: number;
  admit(): void;
}

export function createGate(places: number): Gate {
  const waiting: Waiting[] = [];
  let free = places;

  function leave(): void {
    const next = waiting.shift();
    if (next) next.admit();
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
    async enter(order, signal) {
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
          admit() {
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

/** The same gate, with a word when a release comes to it and when it leaves. */
export function tellingGate(gate: Gate, comes: () => void, leaves: () => void): Gate {
  return {
    async enter(order, signal) {
      comes();
      const leave = await gate.enter(order, signal);
      return () => {
        leave();
        leaves();
      };
    },
  };
}

/** One gate a cluster: a cluster that does not answer holds up no release of another. */
export function createGates(places: (cluster: string) => number): (cluster: string) => Gate {
  const gates = new Map<string, Gate>();
  return (cluster) => {
    const gate = gates.get(cluster) ?? createGate(places(cluster));
    gates.set(cluster, gate);
    return gate;
  };
}
