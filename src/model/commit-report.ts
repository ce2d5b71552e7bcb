import type { EndState, OpenState } from './release.ts';
import type { RepositoryId, TargetId } from './target.ts';

/** The scope of answers about slipway.yaml itself; no environment can have this name (it is no DNS label). */
export const CONFIG_SCOPE = 'slipway.yaml';

/**
 * Targets of an answer that have a context of their own on the forge; of more, only all together have one
 * (design, section 2, point 8).
 */
export const MAX_APP_CONTEXTS = 10;

/** One commit and one environment (or `CONFIG_SCOPE`): what one forge context is about. */
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
  reason?: string | undefined;
  summary?: string | undefined;
  supersededBy?: string | undefined;
}

export interface CommitReport {
  /** The branch that the commit was a head of, where an intake has said so. */
  branch?: string | undefined;
  /** Empty: nothing to deploy. */
  lines: CommitReportLine[];
}
