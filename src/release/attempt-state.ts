import type { ChangeSet } from '../model/change-set.ts';
import type { Desired, Release } from '../model/release.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { LastRelease } from '../ports/cluster.ts';
import type { Lease } from '../ports/releases.ts';
import type { StageClock } from './stage-clock.ts';

/** One run of a release, with what it has found so far. */
export interface Attempt {
  target: Target;
  desired: Desired;
  lease: Lease;
  clock: StageClock;
  /** Nothing was tried since the last good release, so an equal content key means: it runs already. */
  clean: boolean;
  /** That release; undefined: there is none, or something was tried since, also by other targets. */
  last: LastRelease | undefined;
  /** Set from the start where a crash or a stop left it open, else once it has a number. */
  release?: Release | undefined;
  /** Targets whose objects it has begun to take over, in this run or in one that died. */
  tookFrom: Set<TargetId>;
  /** What was done on the cluster so far: recorded also when the attempt throws half-way. */
  changes?: (() => ChangeSet) | undefined;
  /** What the attempts before this one have done. */
  earlier?: ChangeSet | undefined;
  /** What rendering has to say although nothing failed. */
  warnings?: string[] | undefined;
  /** The parent as it is now, for the next release. */
  parent?: () => string | undefined;
  /** Called with the release once it has a number, and at each step. */
  note: (release: Release) => void;
}
