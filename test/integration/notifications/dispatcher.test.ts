import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import type { EventChannel } from '../../../src/notifications/channel.ts';
import { startDispatcher } from '../../../src/notifications/dispatcher.ts';
import type { StoredEvent } from '../../../src/ports/outbox.ts';
import { createLimiter } from '../../../src/release/limiter.ts';
import { createArrivals } from '../../../src/store/arrivals.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createOutbox } from '../../../src/store/outbox.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { createMasker } from '../../../src/telemetry/secrets.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';
import { aTarget } from '../../support/targets.ts';

const repository = 'github/acme/web';

let redis: Redis;
let keys: StateKeys;

beforeEach(() => {
  redis = testRedis();
  onTestFinished(() => redis.disconnect());
  keys = stateKeys(uniquePrefix());
});

/** Each app's next event: it is queued, which also supersedes what it was queued for before. */
async function push(commit: string, apps = ['web'], to = repository): Promise<void> {
  const desired = createDesiredStore(redis, keys);
  const all = apps.map((app) => ({ ...found(app, commit), target: aTarget({ repository: to, app }) }));
  await desired.setDesired(to, await desired.nextSequence(to), all);
}

/** `app commit` of an event. */
function nameOf({ event }: StoredEvent): string {
  return `${event.target.split('//')[1]?.split('@')[0]} ${event.commit}`;
}

interface TestChannel extends EventChannel {
  delivered: string[];
  tried: string[];
}

/** A channel of queued events; `receive` plays its receiver. */
function channelOf(name: string, receive: (event: string) => Promise<void> = async () => {}): TestChannel {
  const channel: TestChannel = {
    trigger: 'events',
    name,
    wants: new Set(['queued']),
    delivered: [],
    tried: [],
    async deliver(stored) {
      channel.tried.push(nameOf(stored));
      await receive(nameOf(stored));
      channel.delivered.push(nameOf(stored));
    },
  };
  return channel;
}

/** A notify worker with one channel, that has begun to consume. */
async function processWith(channel: EventChannel, leaseMs?: number) {
  const [connection, blocking] = [testRedis(), testRedis()];
  const ending = new AbortController();
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ level: 'warn', masker: createMasker([]), stream });
  const metrics = createMetrics();
  const dispatcher = startDispatcher(channel, {
    outbox: createOutbox(connection, keys, leaseMs),
    arrivals: createArrivals(blocking, keys.events, ending.signal),
    limiter: () => createLimiter(16),
    projects: { projectOf: (id) => id.split('/')[1] },
    metrics,
    log,
  });
  const kill = () => {
    ending.abort();
    blocking.disconnect();
    connection.disconnect();
  };
  onTestFinished(async () => {
    kill();
    await dispatcher.stop(0);
  });
  const count = async (result: string) => {
    const { values } = await metrics.events.get();
    return values.find(({ labels }) => labels.result === result)?.value ?? 0;
  };
  return { dispatcher, kill, lines, count };
}

/** Waits until a process consumes for the channel. */
async function consuming(name: string): Promise<void> {
  await expect.poll(() => redis.hexists(keys.channel(name), 'holder')).toBe(1);
}

const unacknowledged = async (name: string) => {
  const pending = (await redis.xpending(keys.events, name)) as [number, ...unknown[]];
  return pending[0];
};

describe('a dispatcher', () => {
  it('delivers the events that its channel wants, and acknowledges all', async () => {
    const chat = channelOf('chat');
    await processWith(chat);
    await consuming('chat');
    await push('one', ['a', 'b']);
    await push('two', ['a']);
    await expect.poll(() => chat.delivered).toEqual(['a one', 'b one', 'a two']);
    await expect.poll(() => unacknowledged('chat')).toBe(0);
  });

  it('retries what fails for a while, in order for its target, and delays no other target', async () => {
    let isDown = true;
    const chat = channelOf('chat', async (event) => {
      if (isDown && event.startsWith('a ')) throw new SlipwayError('FORGE_UNREACHABLE', 'receiver is away');
    });
    const { count, lines } = await processWith(chat);
    await consuming('chat');
    await push('one', ['a', 'b']);
    await push('two', ['a', 'b']);
    await expect.poll(() => chat.delivered).toEqual(['b one', 'b two']);
    await expect.poll(() => count('retried')).toBeGreaterThanOrEqual(2);
    expect(chat.tried).not.toContain('a two');
    isDown = false;
    await expect
      .poll(() => chat.delivered, { timeout: 10_000 })
      .toEqual(['b one', 'b two', 'a one', 'a two']);
    expect(await count('delivered')).toBe(4);
    expect(lines.filter((line) => line.includes('event delivery is retried'))).toHaveLength(1);
  });

  it('does not delay another channel while its own is down', async () => {
    const mail = channelOf('mail', () => new Promise(() => {}));
    const chat = channelOf('chat');
    await Promise.all([processWith(mail), processWith(chat)]);
    await Promise.all([consuming('mail'), consuming('chat')]);
    await push('one', ['a']);
    await push('two', ['a']);
    await expect.poll(() => chat.delivered).toEqual(['a one', 'a two']);
    expect(mail.tried).toEqual(['a one']);
  });

  it('delays an event of one project by no more than the deliveries under way of another one', async () => {
    const first = Promise.withResolvers<void>();
    const chat = channelOf('chat', async () => {
      if (chat.tried.length <= 16) await first.promise;
    });
    await processWith(chat);
    await consuming('chat');
    const many = Array.from({ length: 300 }, (_, i) => `many-${i}`);
    await push('one', many);
    await expect.poll(() => chat.tried.length).toBe(16);
    await push('one', ['other'], 'github/others/web');
    await expect.poll(() => unacknowledged('chat')).toBe(301);
    first.resolve();
    await expect.poll(() => chat.delivered.length).toBe(301);
    // Some more may begin before the process has received it from Redis.
    expect(chat.tried.indexOf('other one')).toBeLessThan(100);
  });

  it('delivers to others although thousands of events wait for a receiver that is down', async () => {
    const chat = channelOf('chat', async (event) => {
      if (event.startsWith('many-')) throw new SlipwayError('FORGE_UNREACHABLE', 'away');
    });
    await processWith(chat);
    await consuming('chat');
    const many = Array.from({ length: 6_000 }, (_, i) => `many-${i}`);
    await push('one', many);
    await push('one', ['other'], 'github/others/web');
    await expect.poll(() => chat.delivered).toEqual(['other one']);
  });

  it('drops an event that the receiver refuses for good, and reports it', async () => {
    const chat = channelOf('chat', async (event) => {
      if (event === 'a one') throw new SlipwayError('FORGE_REFUSED', 'no such room');
    });
    const { count, lines } = await processWith(chat);
    await consuming('chat');
    await push('one', ['a']);
    await push('two', ['a']);
    await expect.poll(() => chat.delivered).toEqual(['a two']);
    expect(await count('dropped')).toBe(1);
    expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({
      level: 'error',
      msg: 'event not delivered',
      channel: 'chat',
      event: 'queued',
      target: found('a', '').target.id,
      reason: 'no such room',
    });
  });

  it('delivers nothing after its lease, although the wall clock is set back', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const chat = channelOf('chat');
    await processWith(chat, 60_000);
    await consuming('chat');
    vi.setSystemTime(Date.now() - 600_000);
    vi.advanceTimersByTime(60_001);
    await push('one');
    await expect.poll(() => redis.hexists(keys.channel('chat'), 'holder')).toBe(0);
    expect(chat.tried).toEqual([]);
  });

  it('drops an event after three internal errors', async () => {
    const chat = channelOf('chat', async (event) => {
      if (event === 'a one') throw new Error('a bug');
    });
    const { count } = await processWith(chat);
    await consuming('chat');
    await push('one', ['a']);
    await push('two', ['a']);
    await expect.poll(() => chat.delivered, { timeout: 10_000 }).toEqual(['a two']);
    expect(chat.tried).toEqual(['a one', 'a one', 'a one', 'a two']);
    expect([await count('retried'), await count('dropped')]).toEqual([2, 1]);
  });

  it('delivers what a killed process received and did not deliver, in order', async () => {
    const killed = channelOf('chat', async (event) => {
      if (event === 'a two') await new Promise(() => {});
    });
    const first = await processWith(killed, 300);
    await consuming('chat');
    for (const commit of ['one', 'two', 'three']) await push(commit, ['a']);
    await expect.poll(() => killed.tried).toEqual(['a one', 'a two']);
    first.kill();
    const chat = channelOf('chat');
    // The lease of the killed process ends.
    await sleep(300);
    await processWith(chat, 300);
    await expect.poll(() => chat.delivered, { timeout: 15_000 }).toEqual(['a two', 'a three']);
    await expect.poll(() => unacknowledged('chat')).toBe(0);
  });

  it('leaves what waits to the next process when it stops, and lets it begin at once', async () => {
    const delivery = Promise.withResolvers<void>();
    const stopped = channelOf('chat', () => delivery.promise);
    const first = await processWith(stopped);
    await consuming('chat');
    for (const commit of ['one', 'two']) await push(commit, ['a']);
    await expect.poll(() => stopped.tried).toEqual(['a one']);
    const stopping = first.dispatcher.stop(60_000);
    delivery.resolve();
    await stopping;
    expect(stopped.tried).toEqual(['a one']);
    const chat = channelOf('chat');
    await processWith(chat);
    await expect.poll(() => chat.delivered).toEqual(['a two']);
  });

  it('ends a delivery that outlasts the grace of a stop, and leaves its event to the next process', async () => {
    const hanging: EventChannel = {
      ...channelOf('chat'),
      deliver: (_event, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    };
    const first = await processWith(hanging);
    await consuming('chat');
    await push('one', ['a']);
    await expect.poll(() => unacknowledged('chat')).toBe(1);
    await first.dispatcher.stop(10);
    const chat = channelOf('chat');
    await processWith(chat);
    await expect.poll(() => chat.delivered).toEqual(['a one']);
  });

  it('reports events that were trimmed before it read them', async () => {
    const chat = channelOf('chat');
    const first = await processWith(chat);
    await consuming('chat');
    await first.dispatcher.stop(1_000);
    await push('one', ['a', 'b', 'c']);
    await redis.xtrim(keys.events, 'MAXLEN', 1);
    const { count, lines } = await processWith(chat);
    await expect.poll(() => chat.delivered).toEqual(['c one']);
    expect(await count('lost')).toBe(2);
    expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({ level: 'error', channel: 'chat', events: 2 });
  });

  it('goes on by itself after Redis was emptied', async () => {
    const chat = channelOf('chat');
    await processWith(chat);
    await consuming('chat');
    await push('one', ['a']);
    await expect.poll(() => chat.delivered).toEqual(['a one']);
    await redis.del(await redis.keys(`${keys.events.slice(0, -':events'.length)}*`));
    await push('two', ['a']);
    await expect.poll(() => chat.delivered, { timeout: 15_000 }).toEqual(['a one', 'a two']);
  });
});
