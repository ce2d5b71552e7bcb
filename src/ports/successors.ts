import type { TargetId } from '../model/target.ts';

/** A target that renders objects which another target, their owner, has deployed. */
export interface Successor {
  target: TargetId;
  /** Revision of its desired that was refused because the owner still stood; undefined: it takes them over. */
  refusedAt?: number | undefined;
}

/** Who is about to take over what an owner has; both sides can look, and a crash between two steps loses nothing. */
export interface SuccessorStore {
  /** Written before the owner is looked at: of the heir and the owner's removal, whichever is second sees the other. */
  refused(owner: TargetId, successor: TargetId, revision: number): Promise<void>;
  /** Written before the first object is taken, also as the heir's debt: `TargetRecord.tookFrom`. */
  takes(owner: TargetId, successor: TargetId): Promise<void>;
  /** The owners have been told to look again: the heir owes them nothing more. */
  settled(successor: TargetId, owners: TargetId[]): Promise<void>;
  of(owner: TargetId): Promise<Successor[]>;
}
