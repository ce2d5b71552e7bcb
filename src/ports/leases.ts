import type { TargetId } from '../model/target.ts';
import type { Lease } from './releases.ts';

/** Who may write to a target: the run that took its turn last. */
export interface Leases {
  /** Takes the target's turn from whoever has it. `signal` is the job's: it aborts when the lock is lost. */
  take(target: TargetId, signal: AbortSignal): Promise<Lease>;
  /** Sets the revision that the turn's release answers; a higher one in Redis aborts `turn.newer`. */
  serve(lease: Lease, revision: number): void;
  release(lease: Lease): void;
  close(): Promise<void>;
}
