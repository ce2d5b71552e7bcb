import type { CommitReport, CommitReportKey, CommitReportLine } from '../model/commit-report.ts';

/**
 * The field of `CommitReportStore.sent` for a report that was made after Redis was emptied: the forge may have statuses
 * of an earlier one that wait for their end. `head`: the commit is the head of its branch, so its report says all.
 * `past`: it is not, and only what waits is ended.
 */
export const RECALLED = 'recalled';
export type Recalled = 'head' | 'past';

/** A line per target and commit, and which reports the forge has not received yet. */
export interface CommitReportStore {
  /** Opens a report for the head of `branch`; lines that exist stay. A report without lines: nothing to deploy. */
  open(key: CommitReportKey, branch: string): Promise<void>;
  /** Whether the commit has a report. */
  has(key: CommitReportKey): Promise<boolean>;
  /** Replaces the lines of these targets. This and every other change marks the report as unsent. */
  write(key: CommitReportKey, lines: CommitReportLine[]): Promise<void>;
  /** Reports a commit that was never a head when an intake looked as superseded by a later one on `branch`. */
  skip(key: CommitReportKey, branch: string, supersededBy: string): Promise<void>;
  /** Marks the report on a head, which may be new, as `RECALLED`. */
  recallHead(key: CommitReportKey): Promise<void>;
  /** Makes a report on a commit that is no head any more, and marks it as `RECALLED`. */
  recallPast(key: CommitReportKey, branch: string, lines: CommitReportLine[]): Promise<void>;
  read(key: CommitReportKey): Promise<CommitReport>;
  /** What the forge has and said of it: all fields that `markSent` was given. */
  sent(key: CommitReportKey): Promise<Record<string, string>>;
  markSent(key: CommitReportKey, fields: Record<string, string>): Promise<void>;
  /** Reports that changed before `before` (ms) and are not completely sent: what a crash left. At most 1000. */
  unsent(before: number): Promise<CommitReportKey[]>;
  /** When the report last changed; taken before reading and passed to `settle`. */
  changedAt(key: CommitReportKey): Promise<string | null>;
  /**
   * Marks the report as sent unless it changed again after `changedAt`. `isTaken`: the forge took a status for it, so
   * the repository's reports that it had refused are unsent again.
   */
  settle(key: CommitReportKey, changedAt: string | null, isTaken: boolean): Promise<void>;
}
