import type { CommitReport, CommitReportKey, CommitReportLine } from '../model/commit-report.ts';

/** What each target says about each commit, and which of it the forge has not heard yet. */
export interface CommitReportStore {
  /**
   * The commit is the head of `branch` and gets an answer; lines that are there stay. Without any: nothing to deploy.
   */
  open(key: CommitReportKey, branch: string): Promise<void>;
  /** Whether anything was ever said of the commit. */
  has(key: CommitReportKey): Promise<boolean>;
  /** Lines as they now are. This and every other change marks the answer unsent. */
  write(key: CommitReportKey, lines: CommitReportLine[]): Promise<void>;
  /** Says of a commit that never was a head when an intake looked which one took its place on `branch`. */
  skip(key: CommitReportKey, branch: string, supersededBy: string): Promise<void>;
  read(key: CommitReportKey): Promise<CommitReport>;
  /** What the forge was told last, by commit and context: `state description`; or what `markSent` was given. */
  sent(key: CommitReportKey): Promise<Record<string, string>>;
  markSent(key: CommitReportKey, context: string, said: string): Promise<void>;
  /** Answers changed before `before` (ms) that nobody has finished sending: what a crash left. */
  unsent(before: number): Promise<CommitReportKey[]>;
  /** When the answer last changed; taken before reading and given back to `settle`. */
  changedAt(key: CommitReportKey): Promise<string | null>;
  /** Forgets the answer as unsent unless it changed again after `changedAt`. */
  settle(key: CommitReportKey, changedAt: string | null): Promise<void>;
}
