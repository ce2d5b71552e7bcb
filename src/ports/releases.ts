import type { ChangeSet } from '../model/change-set.ts';
import type { Failure } from '../model/failure.ts';
import type { Notice } from '../model/notice.ts';
import type { Desired, EndState, Release, ReleaseWithChanges, Repetition } from '../model/release.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { LeaseCheck } from './cluster.ts';

/** What Redis knows of a target before a release starts. */
export interface TargetRecord {
  target: Target;
  desired?: Desired | undefined;
  /** The last desired revision that a release has ended for. */
  handled: number;
  /** The last release, in any state. */
  last?: Release | undefined;
  /** Whether the last release ended well, none was started since, and no other target has taken objects over since. */
  well: boolean;
  /** How often other targets began to take over objects of this one while it stayed. */
  losses: number;
  /** The commit of the last release that succeeded. */
  inForce?: string | undefined;
  /** Targets whose objects this target has begun to take over, and that were not enqueued since. */
  tookFrom: TargetId[];
}

/** Writes are refused with LEASE_LOST once another run has taken the target's lease. */
export interface ReleaseStore {
  record(id: TargetId): Promise<TargetRecord | undefined>;
  /**
   * Starts a release with the next number, above `atLeast` (the ApplySet parent keeps the count if Redis is emptied).
   * `losses` as the run has read them: it sees their result on the cluster.
   */
  start(desired: Desired, atLeast: number, fencingToken: string, losses?: number): Promise<Release>;
  /**
   * Writes the release, its line of each commit that its revision carries, and its event; at the end also the change
   * set and the parent. A release whose commit a newer revision carries writes no line, since that commit hears of the
   * newer release. Resolves to the commits whose overall status may have changed.
   */
  write(release: Release, fencingToken: string, changeSet?: ChangeSet, parent?: string): Promise<string[]>;
  /** The target's ApplySet parent as its last release left it. Undefined: not known. */
  parent(id: TargetId): Promise<string | undefined>;
  find(id: string): Promise<ReleaseWithChanges | undefined>;
  history(target: TargetId, limit: number): Promise<Release[]>;
  /** The target's release before this one, if it is still kept. */
  previous(release: Release): Promise<Release | undefined>;
}

/** How a release ended. */
export interface ReleaseEnd {
  state: EndState;
  failure?: Failure | undefined;
  notices?: Notice[] | undefined;
  supersededBy?: string | undefined;
  /** Set if it ended with what may pass. */
  repetition?: Repetition | undefined;
  /** The prune waits for confirmation. A notice names the objects that it would delete. */
  held?: boolean | undefined;
  /** An object that should have been deleted still exists. A notice names it and the cause. */
  unfinished?: boolean | undefined;
  /** slipway.yaml does not have the target, and no object of it is left on the cluster. */
  forgotten?: boolean | undefined;
  changeSet?: ChangeSet | undefined;
}

/** A run's right to write to a target. It holds while the stored fencing token equals this one. */
export interface Lease {
  fencingToken: string;
  /** Throws LEASE_LOST if another run has taken the lease, and SUPERSEDED if a newer revision is desired. */
  checkLease: LeaseCheck;
  /** Aborts when the lock is lost or the process is asked to stop; `reason` is a SlipwayError. */
  signal: AbortSignal;
  /** Aborts when a newer revision is desired. Waits end at once; writes end at the next `checkLease`. */
  newer: AbortSignal;
}
