import type { TargetId } from '../model/target.ts';
import type { Lease } from './releases.ts';

/** Who may write to a target: the run that took its lease last. */
export interface Leases {
  /** Takes the target's lease from the run that holds it. `signal` is the job's; it aborts when the job's lock is lost. */
  take(target: TargetId, signal: AbortSignal): Promise<Lease>;
  /** Sets the revision that the run deploys; a higher one in Redis aborts `lease.newer`. */
  serve(lease: Lease, revision: number): void;
  release(lease: Lease): void;
  close(): Promise<void>;
}
