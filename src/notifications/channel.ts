import type { CommitReportKey } from '../model/commit-report.ts';
import type { ReleaseEventKind } from '../model/release-event.ts';
import type { StoredEvent } from '../ports/outbox.ts';

/** Tells people or machines what happened: a message per event, at least once, in order per target. */
export interface EventChannel {
  trigger: 'events';
  /** Unique and lasting: the place in the stream is kept under this name. */
  name: string;
  wants: ReadonlySet<ReleaseEventKind> | 'all';
  /**
   * Delivers one event. The event may have been delivered before; its cursor identifies it. A retryable error is
   * retried with back-off (not before `retryAfterMs`) and holds back only the later events of the same target; any
   * other error is logged and the event dropped.
   */
  deliver(event: StoredEvent, signal: AbortSignal): Promise<void>;
}

/** Shows the present state of a commit: it reads the state when it sends, so what is late or lost shows nothing stale. */
export interface ReportChannel {
  trigger: 'commit-reports';
  name: string;
  /** Milliseconds until the receiver of this commit's reports takes requests again; asked before every update. */
  pausedMs(key: CommitReportKey): Promise<number>;
  /** Brings what the commit shows up to date. A retryable error is retried with back-off. */
  update(key: CommitReportKey, signal: AbortSignal): Promise<void>;
}

export type Channel = EventChannel | ReportChannel;
