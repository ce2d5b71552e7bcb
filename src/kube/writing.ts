import type { ApplyOptions, Waits } from '../ports/cluster.ts';
import { guardLease, type LeaseGuard } from './lease-guard.ts';

/** How one wave writes: with which fence, until which signal, for real or not. */
export interface Writing {
  lease: LeaseGuard;
  signal: AbortSignal;
  dryRun: boolean;
  /** How it waits for health meanwhile. */
  waits: Waits;
}

/** A run that is told of no waits of its own waits in place, until it is ended. */
export function writingOf({ signal, checkLease, dryRun = false, waits }: ApplyOptions): Writing {
  const inPlace = { signal, aside: <T>(wait: () => Promise<T>) => wait() };
  return { signal, dryRun, lease: guardLease(checkLease, signal), waits: waits ?? inPlace };
}
