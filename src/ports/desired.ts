import type { Cause } from '../model/release.ts';
import type { RepositoryId, Target, TargetId } from '../model/target.ts';
import type { DeployWakeUp } from './wake-ups.ts';

/** What an intake found for one target. */
export interface Found {
  target: Target;
  commit: string;
  /** Head of the branch that was looked at before; undefined: none is known. */
  since?: string | undefined;
  contentKey: string;
  /** Of the policy as this process knows it; undefined for a removal. */
  policyKey?: string | undefined;
  cause: Cause;
  /** Moves the target even if this very commit has failed: somebody asked for it again. */
  retry: boolean;
}

/**
 * `moved`: it has a new desired revision. `again`: an earlier intake of the same head has moved it, and its release has
 * not ended. `followed`: the commit has the content of a revision that no release has ended for, and follows its release.
 */
export type Effect = 'moved' | 'again' | 'followed';

export interface Moved {
  target: TargetId;
  branch: string;
  cluster: string;
  /** Index within its push. */
  index: number;
  /** The commits of the revision before, if no release had ended for it; their reports now say `superseded`. */
  skipped: string[];
  effect: Effect;
}

/** A target whose objects on the cluster may differ from those that its desired commit renders. */
export interface Unsettled {
  target: Target;
  commit: string;
  contentKey: string;
  revision: number;
  /** No release has ended for the desired revision. */
  isOpen: boolean;
}

export interface DesiredStore {
  /** Targets whose desired revision no release has ended for: what a crash or a lost wake-up left behind. */
  unhandled(): Promise<DeployWakeUp[]>;
  /** The repository's targets that are in progress or whose last release did not end well: first those in progress, the last of a push first. */
  unwell(repository: RepositoryId): Promise<TargetId[]>;
  /** All targets, of any repository, that are in progress or whose last release did not end well; none that is removed. */
  unsettled(): Promise<Unsettled[]>;
  /** The repository's targets that were ever desired, except those in `present`. */
  knownBeside(repository: RepositoryId, present: ReadonlySet<TargetId>): Promise<Target[]>;
  /** Taken before the heads are fetched; it rises even after Redis was emptied. */
  nextSequence(repository: RepositoryId): Promise<number>;
  /**
   * Writes desired revisions, and the report lines and events of the commits that came and went by them. Undefined: a
   * later intake has already written, and nothing was changed. Targets that run as desired are not in the result.
   */
  setDesired(repository: RepositoryId, sequence: number, found: Found[]): Promise<Moved[] | undefined>;
  /**
   * Makes the found commits the desired ones of all targets with this content. Follows `setDesired` with the same
   * sequence, which leaves out targets that it need not write.
   */
  advance(repository: RepositoryId, sequence: number, found: Found[]): Promise<void>;
  /**
   * Deploys the desired commit again, as a new revision with this cause. Resolves to that
   * revision; undefined if nothing is desired yet.
   */
  repeat(target: TargetId, cause: Cause): Promise<number | undefined>;
  /** Deploys the desired commit again with the cause it had. False if the target is not known, or no longer exists. */
  again(target: TargetId): Promise<boolean>;
}
