import type { CommitReportKey } from '../model/commit-report.ts';
import type { Failure } from '../model/failure.ts';
import type { RepositoryId } from '../model/target.ts';

/** A repository of which the forge takes no statuses until its credentials are mended. */
export interface Refusal {
  repository: RepositoryId;
  /** Milliseconds since the epoch. */
  since: number;
  /** How many commit reports wait. */
  reports: number;
  failure: Failure;
}

/**
 * Commit reports that a forge refused for its credentials. They wait outside the unsent ones: one of a repository is
 * tried now and then, and the first that is accepted makes all of the repository unsent again (`CommitReportStore.settle`).
 */
export interface RefusedReports {
  /**
   * Resolves to whether it is the first of its repository. The report also stays unsent if it changed after `changedAt`.
   */
  refuse(key: CommitReportKey, changedAt: string | null, failure: Failure): Promise<boolean>;
  /**
   * Makes one report unsent for every repository whose next try is due, or for every repository, and resolves to these
   * reports. The pause before the next try doubles, from a minute to half an hour.
   */
  takeProbes(which: 'due' | 'all'): Promise<CommitReportKey[]>;
  /** By repository. */
  list(): Promise<Refusal[]>;
}
