import type { CommitReport, CommitReportKey, CommitReportLine } from '../model/commit-report.ts';

/**
 * The field of `CommitReportStore.sent` for a report that was made after Redis was emptied: the forge may have statuses
 * of an earlier one that wait for their end. `head`: the commit is the head of its branch, so its report says all.
 * `past`: it is not, and only what waits is ended.
 */
export const RECALLED = 'recalled';
export type Recalled = 'head' | 'past';

/**
 * What the fields of `BegunReport.sent` begin with that say where the forge keeps the statuses of a commit. They stay true
 * if it is no longer known what the forge has.
 */
export const PLACE_OF = 'place of ';

/** A report that one sender sends. */
export interface BegunReport {
  /** Random. It holds until another sender begins, or one that lost the report finds that it had posted. */
  token: string;
  report: CommitReport;
  /** When the report last changed. Null: the forge has all of it. */
  changedAt: string | null;
  /** Milliseconds since then. */
  unsentMs: number;
  /** What the forge has and said of it: all fields that `markSent` was given. */
  sent: Record<string, string>;
}

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
  /**
   * Takes the report for one sender, in one round trip. If an earlier one has not ended, `sent` no longer says what the
   * forge has, because that sender may have posted more.
   */
  begin(key: CommitReportKey): Promise<BegunReport>;
  /**
   * Resolves to false if the token no longer holds. What the forge has is then unknown: it is forgotten, and the report
   * is unsent again, so that the next sender posts all of it.
   */
  markSent(key: CommitReportKey, token: string, fields: Record<string, string>): Promise<boolean>;
  /** Ends a sending that failed. `unsure`: fields of which it is not known whether the forge has them; if it may not, none. */
  interrupt(key: CommitReportKey, token: string, unsure: string[]): Promise<void>;
  /** Reports that changed so many milliseconds ago and are not completely sent: what a crash left. At most 1000. */
  unsent(olderThanMs: number): Promise<CommitReportKey[]>;
  /**
   * Ends the sending, and marks the report as sent unless it changed after it began. `isTaken`: the forge took a status
   * for it, so the repository's reports that it had refused are unsent again. Resolves to false if the token no longer
   * holds; the report is then left to the next sender.
   */
  settle(
    key: CommitReportKey,
    begun: Pick<BegunReport, 'token' | 'changedAt'>,
    isTaken: boolean,
  ): Promise<boolean>;
}
