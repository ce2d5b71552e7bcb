import type { Failure } from './failure.ts';
import type { Notice } from './notice.ts';
import type { EndState, OpenState } from './release.ts';
import type { RepositoryId, TargetId } from './target.ts';

/** The scope of reports about slipway.yaml itself; no environment can have this name (it is no DNS label). */
export const CONFIG_SCOPE = 'slipway.yaml';

/** Up to so many targets of a report have a context of their own on the forge; more share one context. */
export const MAX_APP_CONTEXTS = 10;

/** One commit and one environment (or `CONFIG_SCOPE`). */
export interface CommitReportKey {
  repository: RepositoryId;
  commit: string;
  scope: string;
}

/** What one target says about one commit. */
export interface CommitReportLine {
  /** Undefined only for `CONFIG_SCOPE`. */
  target?: TargetId | undefined;
  state: OpenState | EndState;
  /** Id of the release, once there is one. */
  release?: string | undefined;
  /** As of the release. */
  namespace?: string | undefined;
  failure?: Failure | undefined;
  notices?: Notice[] | undefined;
  summary?: string | undefined;
  supersededBy?: string | undefined;
}

export interface CommitReport {
  /** The branch whose head the commit was, if an intake has recorded one. */
  branch?: string | undefined;
  /** Empty: nothing to deploy. */
  lines: CommitReportLine[];
}
