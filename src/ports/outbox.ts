import type { ReleaseEvent } from '../model/release-event.ts';

/** A place in the stream of events: given back as it was received, never computed. */
export type EventCursor = string;

export interface StoredEvent {
  cursor: EventCursor;
  event: ReleaseEvent;
}

export interface EventPage {
  /** Oldest first. */
  events: StoredEvent[];
  /** The place of the last event looked at, for the next read; the one given if there was none. */
  cursor: EventCursor | undefined;
  /** Events after the cursor given may have left the stream, which is bounded, before this read. */
  truncated: boolean;
}

/** An event that a channel received. */
export interface ReceivedEvent extends StoredEvent {
  /** When it was written, on the clock of `performance.now`: before this process started, if it is negative. */
  writtenAt: number;
}

export interface EventBatch {
  /** Oldest first. Each is delivered again, to this process or another one, until it is acknowledged. */
  events: ReceivedEvent[];
  /** Events that left the bounded stream before the channel received them, or that this version cannot read. */
  lost: number;
  /** The place of the last event looked at; undefined: there was none. */
  cursor: EventCursor | undefined;
}

/** One channel's share of the events. Of all processes one consumes at a time, which keeps each target's order. */
export interface EventConsumer {
  /** How long one `hold` lasts, in milliseconds. */
  readonly leaseMs: number;
  /** Takes or extends the channel's lease. False: another process holds it. */
  hold(): Promise<boolean>;
  /** The next events that no process has received. Undefined: another process holds the lease. At most 1000. */
  next(limit: number): Promise<EventBatch | undefined>;
  /** Events after `after` (undefined: from the first) that were received and never acknowledged. */
  unacknowledged(after: EventCursor | undefined, limit: number): Promise<EventBatch | undefined>;
  /** An event that was received. Undefined: it has left the stream since. */
  read(cursor: EventCursor): Promise<StoredEvent | undefined>;
  acknowledge(cursors: EventCursor[]): Promise<void>;
  /** Gives the lease back, so that another process need not wait for its end. */
  release(): Promise<void>;
}

/**
 * The events of all releases, in the order of the writes, each written in the step that changed its release. Bounded:
 * the oldest leave it. Throws REDIS_UNREACHABLE.
 */
export interface Outbox {
  /** Events after the cursor; undefined: from the oldest one that is kept. At most 1000. */
  readAfter(cursor: EventCursor | undefined, limit: number): Promise<EventPage>;
  /**
   * Registers a channel and returns its consumer. A new channel begins with the events written after this call; one
   * that is known continues after its last event.
   */
  consumer(channel: string): Promise<EventConsumer>;
}
