import type { LeaseCheck } from '../ports/cluster.ts';

/** At most this long may a run write without having looked whether it is still its turn. */
const lookEveryMs = 1_000;

export interface LeaseGuard {
  /** Looks where the last look is older than a second; the parallel writers of a wave share one look. */
  beforeWrite(): Promise<void>;
  /** Looks now. */
  look(): Promise<void>;
}

/** A process that was stopped for a while comes back here before its next write, and finds its turn lost. */
export function guardLease(lease: LeaseCheck, signal: AbortSignal): LeaseGuard {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  const look = () => {
    looking ??= lease()
      .then(() => {
        lookedAt = performance.now();
      })
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };

  return {
    look,
    async beforeWrite() {
      signal.throwIfAborted();
      if (performance.now() - lookedAt > lookEveryMs) await look();
      signal.throwIfAborted();
    },
  };
}
