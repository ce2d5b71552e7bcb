import type { CommitReportKey } from '../model/commit-report.ts';
import type { TargetId } from '../model/target.ts';
import type { IntakeWakeUps } from './intake-wake-ups.ts';

export interface DeployWakeUp {
  target: TargetId;
  /** The target's cluster: a cluster that does not respond delays only its own releases. */
  cluster: string;
  /** Index within its push, so that a push of one app never waits behind one of a thousand (`model/flow.ts`). */
  index: number;
}

/**
 * Enqueues jobs by name; a name that already waits is not enqueued again and keeps its turn. Jobs of different projects
 * take turns. Every call is one round trip and rejects while Redis is down.
 */
export interface WakeUps extends IntakeWakeUps {
  enqueueDeploys(wakeUps: DeployWakeUp[]): Promise<void>;
  /** `request`: the id of a recorded request; `target`: what it names, whose project takes turns with others. */
  enqueuePlan(request: string, target: string): Promise<void>;
  /** With `delayMs` a report that soon changes again is sent once; enqueueing it without a delay replaces the delay. */
  enqueueReports(reports: CommitReportKey[], delayMs?: number): Promise<void>;
  /** Jobs by queue and state. */
  counts(): Promise<Record<string, Record<string, number>>>;
  close(): Promise<void>;
}
