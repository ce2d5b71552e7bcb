import type { TargetId } from '../model/target.ts';

/** A target that renders objects which another target, their owner, has deployed. */
export interface Successor {
  target: TargetId;
  /** Its desired revision that was refused because the owner still existed. Undefined: it is taking the objects over. */
  refusedAt?: number | undefined;
}

/** The run of a successor. It writes only while it holds the lease of its target, else LEASE_LOST is thrown. */
export interface SuccessorRun {
  target: TargetId;
  fencingToken: string;
}

/** Which targets are about to take over an owner's objects. Both sides read it; a crash between two steps loses nothing. */
export interface SuccessorStore {
  /**
   * Written before the owner is looked at: of the successor and the owner's removal, the one that comes second sees
   * the other.
   */
  refused(owner: TargetId, successor: SuccessorRun, revision: number): Promise<void>;
  /** Written before the first object is taken over, also on the successor itself: `TargetRecord.tookFrom`. */
  takes(owner: TargetId, successor: SuccessorRun): Promise<void>;
  /**
   * Written before an object of an owner that stays is taken over. The owner's objects are then no longer as its last
   * release left them, and the owner, at this desired revision, is the one that may take the object back.
   */
  takesSome(owner: TargetId, successor: SuccessorRun, revision: number): Promise<void>;
  /** The owners have been enqueued, so the successor need not enqueue them any more. */
  settled(successor: SuccessorRun, owners: TargetId[]): Promise<void>;
  of(owner: TargetId): Promise<Successor[]>;
}
