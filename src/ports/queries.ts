import type { Cause, Release, ReleaseWithChanges } from '../model/release.ts';
import type { RepositoryId, TargetId, TargetParts } from '../model/target.ts';

/** One line of `slipway status`. */
export interface TargetStatus extends TargetParts {
  id: TargetId;
  branch?: string | undefined;
  cluster?: string | undefined;
  namespace?: string | undefined;
  desired?: { commit: string; cause: Cause; at: number } | undefined;
  /** The newest release, in any state. */
  release?: Release | undefined;
  /** The commit of the last release that ended well. */
  inForce?: string | undefined;
}

/** What the API and the release pages read, and the deploys that they request. Throws REDIS_UNREACHABLE. */
export interface Queries {
  /** Sorted by identity. */
  targets(): Promise<TargetStatus[]>;
  /** Newest first. */
  history(target: TargetId, limit: number): Promise<Release[]>;
  release(id: string): Promise<ReleaseWithChanges | undefined>;
  /** The newest release of every other target that the same commit moved in the same environment. */
  siblings(release: Release): Promise<Release[]>;
  /** The full identity of a name or short form. Throws NOT_FOUND (with the nearest name) or AMBIGUOUS (with all matches). */
  resolve(name: string): Promise<TargetId>;
  /** Deploys the desired commit again, even if its content key has not changed, and enqueues the target. */
  requestDeploy(target: TargetId, by: string, confirmPrune?: boolean): Promise<DeployRequested>;
}

export interface DeployRequested {
  target: TargetId;
  repository: RepositoryId;
  commit: string;
  /** The revision of the requested release. A later revision supersedes it. */
  revision: number;
}
