import type { ApplyOptions, Waits } from '../ports/cluster.ts';
import { guardLease, type LeaseGuard } from './lease-guard.ts';

/** How a stage writes: under which lease, until which signal, for real or as a dry run. */
export interface Writing {
  lease: LeaseGuard;
  signal: AbortSignal;
  dryRun: boolean;
  /** How it waits for health between its writes. */
  waits: Waits;
}

/** Without `waits` it waits in place, until `signal` aborts. */
export function writingOf({ signal, checkLease, dryRun = false, waits }: ApplyOptions): Writing {
  const inPlace = { signal, withoutPermit: <T>(wait: () => Promise<T>) => wait() };
  return { signal, dryRun, lease: guardLease(checkLease, signal), waits: waits ?? inPlace };
}
