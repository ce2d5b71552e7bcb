import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { z } from 'zod';
import { SlipwayError } from '../errors.ts';
import { EVENT_VERSION, type ReleaseEvent } from '../model/release-event.ts';
import type {
  EventBatch,
  EventConsumer,
  EventCursor,
  EventPage,
  Outbox,
  StoredEvent,
} from '../ports/outbox.ts';
import { holdScript, releaseHoldScript, subscribeScript, takeScript } from './outbox-scripts.ts';
import { reached } from './reach.ts';
import { runScript } from './script.ts';
import type { StateKeys } from './state-keys.ts';

/** A killed process's channels go on elsewhere after this time, as its jobs do. */
const LEASE_MS = 15_000;

/** Precedes the id of every entry. */
const START = '0-0';

const NEW = '>';

/** An entry as Redis returns it: its id, and its fields unless it was trimmed. */
const entrySchema = z.tuple([z.string(), z.array(z.string()).nullable()]);
const takenSchema = z.tuple([z.number(), z.array(entrySchema), z.number()]).nullable();
type Entry = z.infer<typeof entrySchema>;

export function createOutbox(redis: Redis | Cluster, keys: StateKeys, leaseMs = LEASE_MS): Outbox {
  async function readAfter(cursor: EventCursor | undefined, limit: number): Promise<EventPage> {
    if (cursor !== undefined) checkCursor(cursor);
    const from = cursor === undefined ? '-' : `(${cursor}`;
    const [[oldest], entries] = await Promise.all([
      redis.xrange(keys.events, '-', '+', 'COUNT', 1),
      redis.xrange(keys.events, from, '+', 'COUNT', limit),
    ]);
    return {
      events: entries.flatMap(readEntry),
      cursor: entries.at(-1)?.[0] ?? cursor,
      truncated: cursor !== undefined && oldest !== undefined && isBefore(cursor, oldest[0]),
    };
  }

  async function consumer(channel: string): Promise<EventConsumer> {
    const token = randomUUID();
    const own = keys.channel(channel);
    const acknowledge = async (cursors: EventCursor[]) => {
      if (cursors.length > 0) await redis.xack(keys.events, channel, ...cursors);
    };

    async function take(after: string, limit: number): Promise<EventBatch | undefined> {
      const response = await runScript(redis, takeScript, [own, keys.events], [token, channel, limit, after]);
      const taken = takenSchema.parse(response);
      if (!taken) return undefined;
      const [trimmed, entries, now] = taken;
      const receivedAt = performance.now();
      const events = entries.flatMap(readEntry).map((stored) => {
        const [writtenMs] = partsOf(stored.cursor);
        return { ...stored, writtenAt: receivedAt - Math.max(0, now - writtenMs) };
      });
      const readable = new Set(events.map(({ cursor }) => cursor));
      const unreadable = entries.map(([id]) => id).filter((id) => !readable.has(id));
      await acknowledge(unreadable);
      return { events, lost: trimmed + unreadable.length, cursor: entries.at(-1)?.[0] };
    }

    await runScript(redis, subscribeScript, [own, keys.events], [channel]);
    return {
      leaseMs,
      hold: async () => (await reached(runScript(redis, holdScript, [own], [token, leaseMs]))) === 1,
      next: (limit) => reached(take(NEW, limit)),
      unacknowledged: (after, limit) => reached(take(after ?? START, limit)),
      read: async (cursor) =>
        (await reached(redis.xrange(keys.events, cursor, cursor))).flatMap(readEntry)[0],
      acknowledge: (cursors) => reached(acknowledge(cursors)),
      async release() {
        await reached(runScript(redis, releaseHoldScript, [own], [token]));
      },
    };
  }

  return {
    readAfter: (cursor, limit) => reached(readAfter(cursor, limit)),
    consumer: (channel) => reached(consumer(channel)),
  };
}

/** Nothing for an entry that was trimmed or that a newer version wrote. */
function readEntry([cursor, fields]: Entry): StoredEvent[] {
  if (!fields) return [];
  const event = JSON.parse(fields[1] ?? 'null') as ReleaseEvent | null;
  return event?.version === EVENT_VERSION ? [{ cursor, event }] : [];
}

/** https://redis.io/docs/latest/develop/data-types/streams/#entry-ids: milliseconds and a number within them. */
const cursorPattern = /^\d{1,15}-\d{1,15}$/;

function checkCursor(cursor: EventCursor): void {
  if (cursorPattern.test(cursor)) return;
  throw new SlipwayError('USAGE', 'not a cursor of the event stream', {
    hint: 'Give back the cursor of an earlier response, or none to begin with the oldest event.',
  });
}

function isBefore(a: EventCursor, b: EventCursor): boolean {
  const [aMs, aNumber] = partsOf(a);
  const [bMs, bNumber] = partsOf(b);
  return aMs < bMs || (aMs === bMs && aNumber < bNumber);
}

/** Redis's time in milliseconds at which the entry was written, and its number within them. */
function partsOf(cursor: EventCursor): [number, number] {
  const [ms = 0, number = 0] = cursor.split('-').map(Number);
  return [ms, number];
}
