import type { ChangeSet } from '../model/change-set.ts';
import type { Failure } from '../model/failure.ts';
import type { Notice } from '../model/notice.ts';
import type { Desired, EndState, Release, ReleaseWithChanges } from '../model/release.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { LeaseCheck } from './cluster.ts';

/** All that is known of a target before a release starts, in one read. */
export interface TargetRecord {
  target: Target;
  desired?: Desired | undefined;
  /** Revision of the last desired that a release ended for. */
  handled: number;
  /** The last release, whatever its state. */
  last?: Release | undefined;
  /** The last release ended well, and none was started since. */
  well: boolean;
  /** The commit of the last release that succeeded. */
  inForce?: string | undefined;
  /** Targets whose objects it has begun to take over, and that were not enqueued since. */
  tookFrom: TargetId[];
}

/** Writes are refused with LEASE_LOST once another run has taken the target's lease. */
export interface ReleaseStore {
  record(id: TargetId): Promise<TargetRecord | undefined>;
  /** Starts a release with the next number, above `atLeast` (the parent's count survives an emptied Redis). */
  start(desired: Desired, atLeast: number, fencingToken: string): Promise<Release>;
  /** Reports why a release that has no number yet cannot begin. */
  hold(desired: Desired, failure: Failure, fencingToken: string): Promise<void>;
  /**
   * Writes the release, its line of the commit report and its event; at an end also the change set and the parent.
   * Resolves to whether what the commit shows may have changed.
   */
  write(release: Release, fencingToken: string, changeSet?: ChangeSet, parent?: string): Promise<boolean>;
  /** The target's parent as its last release left it; undefined: not known. */
  parent(id: TargetId): Promise<string | undefined>;
  find(id: string): Promise<ReleaseWithChanges | undefined>;
  history(target: TargetId, limit: number): Promise<Release[]>;
}

export interface ReleaseEnd {
  state: EndState;
  failure?: Failure | undefined;
  notices?: Notice[] | undefined;
  supersededBy?: string | undefined;
  /** The prune waits for confirmation; a notice says what it would delete. */
  held?: boolean | undefined;
  /** An object that it should have deleted is still there; a notice says which and why. */
  unfinished?: boolean | undefined;
  /** Nothing of the target is left on the cluster, and slipway.yaml does not have it. */
  forgotten?: boolean | undefined;
  changeSet?: ChangeSet | undefined;
}

/** A run's right to write to a target, proven by its fencing token: equal or lost. */
export interface Lease {
  fencingToken: string;
  /** Throws LEASE_LOST if another run has taken the lease, and SUPERSEDED if a newer revision is desired. */
  checkLease: LeaseCheck;
  /** Aborts when the lock is lost or the process is asked to stop; `reason` is a SlipwayError. */
  signal: AbortSignal;
  /** Aborts when a newer revision is desired: ends waits at once, and writes at the next `checkLease`. */
  newer: AbortSignal;
}
