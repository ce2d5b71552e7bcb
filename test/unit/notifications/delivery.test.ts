import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import { EVENT_VERSION } from '../../../src/model/release-event.ts';
import type { EventChannel } from '../../../src/notifications/channel.ts';
import { deliver, type WaitingEvent } from '../../../src/notifications/delivery.ts';
import type { StoredEvent } from '../../../src/ports/outbox.ts';
import { createLimiter } from '../../../src/release/limiter.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

const DAY_MS = 24 * 3_600_000;
const away = (retryAfterMs?: number) => new SlipwayError('FORGE_UNREACHABLE', 'away', { retryAfterMs });

/** The clock of the process that wrote it was wrong. */
function waitingFor(ageMs: number): WaitingEvent {
  return { cursor: '1-0', target, kind: 'queued', writtenAt: performance.now() - ageMs };
}

const target = 'github/acme/web//web@production';
const base = { version: EVENT_VERSION, at: 0, target, commit: 'one' } as const;
const stored: StoredEvent = { cursor: '1-0', event: { ...base, kind: 'queued', cause: { kind: 'push' } } };

/** Delivers an event to a receiver that throws these errors, one per try, and then accepts. */
function delivery(errors: Error[], { ageMs = 0, isKept = true, mayDeliver = (): boolean => true } = {}) {
  const tries: number[] = [];
  const begun = Date.now();
  const channel: EventChannel = {
    trigger: 'events',
    name: 'chat',
    wants: 'all',
    async deliver() {
      const error = errors[tries.length];
      tries.push(Date.now() - begun);
      if (error) throw error;
    },
  };
  const metrics = createMetrics();
  const projects = { projectOf: () => undefined };
  const ending = new AbortController();
  const attempts = { mayDeliver, limiter: createLimiter(1), signal: ending.signal, waiting: ending.signal };
  const done = deliver(channel, waitingFor(ageMs), attempts, {
    projects,
    consumer: { read: async () => (isKept ? stored : undefined) },
    log: pino({ level: 'silent' }),
    metrics,
  });
  const results = async () => {
    const { values } = await metrics.events.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.result, value]));
  };
  return { done, tries, results };
}

describe('deliver', () => {
  it('retries after the time that the receiver asked for', async () => {
    const { done, tries, results } = delivery([away(700)]);
    expect(await done).toBe(true);
    const [first = 0, second = 0] = tries;
    // The longest back-off of a first try is half a second.
    expect(second - first).toBeGreaterThanOrEqual(690);
    expect(await results()).toEqual({ retried: 1, delivered: 1 });
  });

  it('delivers an old event, and gives it up at the first error after a day', async () => {
    expect(await delivery([], { ageMs: 2 * DAY_MS }).done).toBe(true);
    const { done, tries, results } = delivery([away()], { ageMs: DAY_MS + 1_000 });
    expect(await done).toBe(true);
    expect(tries).toHaveLength(1);
    expect(await results()).toEqual({ dropped: 1 });
  });

  it('leaves the event to another process if this one may no longer deliver', async () => {
    let mayDeliver = true;
    const { done, tries, results } = delivery([away()], { mayDeliver: () => mayDeliver });
    await expect.poll(results).toEqual({ retried: 1 });
    mayDeliver = false;
    expect(await done).toBe(false);
    expect(tries).toHaveLength(1);
    expect(await results()).toEqual({ retried: 1 });
  });

  it('is done with an event that has left the stream while it waited, and counts it as lost', async () => {
    const { done, tries, results } = delivery([], { isKept: false });
    expect(await done).toBe(true);
    expect(tries).toEqual([]);
    expect(await results()).toEqual({ lost: 1 });
  });
});
