import type { LeaseCheck } from '../ports/cluster.ts';

/** For at most this long a run writes without having checked that it still holds the lease. */
const checkEveryMs = 1_000;

export interface LeaseGuard {
  /** Checks if the last check is older than a second; the parallel writers of a wave share one check. */
  beforeWrite(): Promise<void>;
  /** Checks now. */
  check(): Promise<void>;
}

/** A process that was suspended comes here before its next write, and finds its lease lost. */
export function guardLease(lease: LeaseCheck, signal: AbortSignal): LeaseGuard {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<void> | undefined;

  const check = () => {
    checking ??= lease()
      .then(() => {
        checkedAt = performance.now();
      })
      .finally(() => {
        checking = undefined;
      });
    return checking;
  };

  return {
    check,
    async beforeWrite() {
      signal.throwIfAborted();
      if (performance.now() - checkedAt > checkEveryMs) await check();
      signal.throwIfAborted();
    },
  };
}
