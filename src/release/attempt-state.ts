import type { ChangeSet } from '../model/change-set.ts';
import type { Desired, Release } from '../model/release.ts';
import type { Target, TargetId } from '../model/target.ts';
import type { LastRelease } from '../ports/cluster.ts';
import type { Lease } from '../ports/releases.ts';
import type { RepetitionState } from './repetition.ts';
import type { StageClock } from './stage-clock.ts';

/** A run of a release: its inputs, and what it has done so far. */
export interface Attempt {
  target: Target;
  desired: Desired;
  lease: Lease;
  clock: StageClock;
  /** No release was started since the last good one and nothing was taken over since, so an equal content key means that the content already runs. */
  clean: boolean;
  /** The last good release. Undefined: there is none, or this or another target may have changed the objects since. */
  last: LastRelease | undefined;
  /** `TargetRecord.losses`. */
  losses: number;
  /** Set from the start if a crash or a stop left it open, otherwise once it has a number. */
  release?: Release | undefined;
  repetition: RepetitionState;
  /** Targets whose objects it has begun to take over, in this run or in one that crashed. */
  tookFrom: Set<TargetId>;
  /** The changes made on the cluster so far. They are recorded even if the attempt throws. */
  changes?: (() => ChangeSet) | undefined;
  /** The changes of the previous attempts. */
  earlier?: ChangeSet | undefined;
  /** Warnings of the renderer. */
  warnings?: string[] | undefined;
  /** The ApplySet parent as it is now, for the next release. */
  parent?: () => string | undefined;
  /** Called with the release once it has a number, and at each step. */
  note: (release: Release) => void;
  /** Writes the release at once. */
  write: (release: Release) => Promise<void>;
}
