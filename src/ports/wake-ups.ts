import type { CommitReportKey } from '../model/commit-report.ts';
import type { TargetId } from '../model/target.ts';
import type { IntakeWakeUps } from './intake-wake-ups.ts';

export interface DeployWakeUp {
  target: TargetId;
  /** Index within its push, so that a push of one app never waits behind one of a thousand. */
  index: number;
}

/** Rings by name; ringing twice is ringing once. Every call is one round trip and rejects while Redis is down. */
export interface WakeUps extends IntakeWakeUps {
  enqueueDeploys(wakeUps: DeployWakeUp[]): Promise<void>;
  /** The id of a recorded request. */
  enqueuePlan(request: string): Promise<void>;
  /** `delayMs` lets a quick end overtake its own pending; a later ring without delay takes its place. */
  enqueueReports(reports: CommitReportKey[], delayMs?: number): Promise<void>;
  counts(): Promise<Record<string, Record<string, number>>>;
  close(): Promise<void>;
}
