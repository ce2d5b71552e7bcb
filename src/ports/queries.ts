import type { Cause, Release, ReleaseWithChanges } from '../model/release.ts';
import type { RepositoryId, TargetId, TargetParts } from '../model/target.ts';

/** One line of `slipway status`. */
export interface TargetStatus extends TargetParts {
  id: TargetId;
  branch?: string | undefined;
  cluster?: string | undefined;
  namespace?: string | undefined;
  desired?: { commit: string; cause: Cause; at: number } | undefined;
  /** The newest release, ended or not. */
  release?: Release | undefined;
  /** The commit of the last release that ended well. */
  inForce?: string | undefined;
}

/** What the API and the release page read, and the one thing they may request. Throws REDIS_UNREACHABLE. */
export interface Queries {
  /** Sorted by identity. */
  targets(): Promise<TargetStatus[]>;
  /** Newest first. */
  history(target: TargetId, limit: number): Promise<Release[]>;
  release(id: string): Promise<ReleaseWithChanges | undefined>;
  /** The newest release of every other target that the same commit moved in the same environment. */
  siblings(release: Release): Promise<Release[]>;
  /** The full identity of a name or short form. Throws NOT_FOUND (nearest name in the hint), AMBIGUOUS (all that fit). */
  resolve(name: string): Promise<TargetId>;
  /** Deploys the desired commit again, whatever its content key, and enqueues the target. */
  requestDeploy(target: TargetId, by: string, confirmPrune?: boolean): Promise<DeployRequested>;
}

export interface DeployRequested {
  target: TargetId;
  repository: RepositoryId;
  commit: string;
  /** The release for it has this revision; a later one supersedes it. */
  revision: number;
}
