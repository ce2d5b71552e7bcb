import type { Failure } from './failure.ts';
import type { Notice } from './notice.ts';
import type { EndState, OpenState } from './release.ts';
import type { RepositoryId, TargetId } from './target.ts';

/** The scope of reports about slipway.yaml itself. No environment can have this name, because it is not a DNS label. */
export const CONFIG_SCOPE = 'slipway.yaml';

/** Up to this many targets of a report have a separate context on the forge; more targets share one context. */
export const MAX_APP_CONTEXTS = 10;

/** A report covers one commit and one environment (or `CONFIG_SCOPE`). */
export interface CommitReportKey {
  repository: RepositoryId;
  commit: string;
  scope: string;
}

/** The state of one target for one commit. */
export interface CommitReportLine {
  /** Undefined: about the commit and the scope as a whole (slipway.yaml, an environment with a mistake, a skipped commit). */
  target?: TargetId | undefined;
  state: OpenState | EndState;
  /** Id of the release, once it has started. */
  release?: string | undefined;
  /** `Release.namespace`. */
  namespace?: string | undefined;
  failure?: Failure | undefined;
  notices?: Notice[] | undefined;
  summary?: string | undefined;
  supersededBy?: string | undefined;
}

export interface CommitReport {
  /** False: nothing was reported on the commit, or it is too long ago. */
  isKnown: boolean;
  /** The branch that had the commit as its head, if an intake has recorded it. */
  branch?: string | undefined;
  /** Empty if there is nothing to deploy. */
  lines: CommitReportLine[];
}
