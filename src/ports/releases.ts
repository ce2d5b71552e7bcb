import type { ChangeSet } from '../model/change-set.ts';
import type { Desired, EndState, Release, StageTimes } from '../model/release.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { Fence } from './cluster.ts';

export interface ReleaseStore {
  target(id: TargetId): Promise<Target | undefined>;
  desired(id: TargetId): Promise<Desired | undefined>;
  last(id: TargetId): Promise<Release | undefined>;
  /** Starts a release with the next number; never below `atLeast` (the parent's count survives an emptied Redis). */
  start(desired: Desired, atLeast: number): Promise<Release>;
  /** Records a step; also wakes the status on the commit. */
  move(release: Release, change: ReleaseStep): Promise<Release>;
  end(release: Release, end: ReleaseEnd): Promise<Release>;
}

export interface ReleaseStep {
  state: Release['state'];
  times?: StageTimes;
  attempts?: number;
  reason?: string;
}

export interface ReleaseEnd {
  state: EndState;
  reason?: string | undefined;
  hint?: string | undefined;
  supersededBy?: string | undefined;
  times: StageTimes;
  changeSet: ChangeSet;
}

/** This run's right to write, by run id: equal or lost. */
export interface Turn {
  fence: Fence;
  /** Aborts when the lock is lost, a newer desired comes or the process is asked to stop; `reason` is a SlipwayError. */
  signal: AbortSignal;
  end(): Promise<void>;
}
