import type { Cause } from '../model/release.ts';
import type { RepositoryId, Target, TargetId } from '../model/target.ts';

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
  /** Moves the target also where this very commit has failed: somebody asked for it once more. */
  retry: boolean;
}

export interface Moved {
  target: TargetId;
  branch: string;
  /** Index within its push. */
  index: number;
  /** The commit that was desired before and has not been answered yet; its answer says so by now. */
  skipped?: string | undefined;
  /** An earlier intake of the same head has moved it, and its release has not ended. */
  again: boolean;
}

export interface DesiredStore {
  /** Targets whose desired no release has ended for: what a crash, or a bell that was lost, left behind. */
  unhandled(): Promise<{ target: TargetId; index: number }[]>;
  /** The repository's targets whose last release did not end well: those on their way first, the last of a push first. */
  unwell(repository: RepositoryId): Promise<TargetId[]>;
  /** The repository's targets that were ever desired, without those `present`. */
  knownBeside(repository: RepositoryId, present: ReadonlySet<TargetId>): Promise<Target[]>;
  /** Taken before the heads are fetched; rises, also after Redis was emptied. */
  nextSequence(repository: RepositoryId): Promise<number>;
  /**
   * Writes desired, and the answers' lines of the commits that came and went by it. Undefined: a later intake has
   * already written, nothing was changed.
   */
  setDesired(repository: RepositoryId, sequence: number, found: Found[]): Promise<Moved[] | undefined>;
  /** Desires what is desired once more, as a release of its own. False where nothing is desired yet. */
  repeat(target: TargetId, cause: Cause): Promise<boolean>;
  /** The same with the cause as it is. False where the target is not known, or no more. */
  again(target: TargetId): Promise<boolean>;
}
