import type { Cause, Release, ReleaseState, ReleaseWithChanges } from '../model/release.ts';
import type { RepositoryId, TargetId, TargetParts } from '../model/target.ts';
import type { RepositoryScope } from './projects.ts';

/** One line of `slipway status`. */
export interface TargetStatus extends TargetParts {
  id: TargetId;
  branch?: string | undefined;
  cluster?: string | undefined;
  namespace?: string | undefined;
  /** `queued` from the moment that something is desired; then the state of its release. */
  state: ReleaseState;
  desired?: { commit: string; cause: Cause; at: number } | undefined;
  /** The newest release, in any state. */
  release?: Release | undefined;
  /** The commit of the last release that ended well. */
  inForce?: string | undefined;
}

/** What a list is limited to. Undefined: everything. */
export interface TargetFilter {
  repository?: RepositoryId | undefined;
  environment?: string | undefined;
  cluster?: string | undefined;
  /** `TargetStatus.state`. */
  state?: ReleaseState | undefined;
  scope?: RepositoryScope | undefined;
}

export interface TargetPage {
  /** Sorted by identity. May be fewer than asked for although more follow. */
  targets: TargetStatus[];
  /** Where the next page begins. Undefined: there is none. */
  next?: TargetId | undefined;
}

/** Another target that the same commit moved. */
export interface Sibling {
  target: TargetId;
  release: string;
  state: ReleaseState;
}

/** What the API and the release pages read, and the deploys that they request. Throws REDIS_UNREACHABLE. */
export interface Queries {
  /** A page costs the same whatever the number of targets; `after` is `next` of the page before. */
  targets(filter: TargetFilter, limit: number, after?: TargetId): Promise<TargetPage>;
  /** Newest first. */
  history(target: TargetId, limit: number): Promise<Release[]>;
  release(id: string): Promise<ReleaseWithChanges | undefined>;
  /** The target's release before this one. */
  previous(release: Release): Promise<Release | undefined>;
  /** The newest release of every other target that the same commit moved in the same environment. */
  siblings(release: Release): Promise<Sibling[]>;
  /**
   * The full identity of a name or short form. Throws NOT_FOUND (with the nearest name) or AMBIGUOUS (with the matches).
   * What is outside of `scope` is not found, and not named.
   */
  resolve(name: string, scope?: RepositoryScope): Promise<TargetId>;
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
