import type { TargetId } from '../model/target.ts';
import type { Turn } from './releases.ts';

/** Who may write to a target: the run that took its turn last. */
export interface Turns {
  /** Takes the target's turn from whoever has it. `signal` is the job's: it aborts when the lock is lost. */
  take(target: TargetId, signal: AbortSignal): Promise<Turn>;
  /** Sets the revision that the turn's release answers; a higher one in Redis aborts `turn.newer`. */
  answer(turn: Turn, revision: number): void;
  release(turn: Turn): void;
  close(): Promise<void>;
}
