import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Release, ReleaseState } from '../../../src/model/release.ts';
import type { EventConsumer, Outbox } from '../../../src/ports/outbox.ts';
import type { ReleaseStore } from '../../../src/ports/releases.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createOutbox } from '../../../src/store/outbox.ts';
import { createReleaseStore } from '../../../src/store/releases.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const repository = 'github/acme/web';
const web = found('web', '').target.id;
const token = 'run';

let redis: Redis;
let keys: StateKeys;
let releases: ReleaseStore;
let outbox: Outbox;

beforeEach(() => {
  redis = testRedis();
  onTestFinished(() => redis.disconnect());
  keys = stateKeys(uniquePrefix());
  releases = createReleaseStore(redis, keys);
  outbox = createOutbox(redis, keys);
});

async function push(commit: string, apps = ['web']): Promise<void> {
  const desired = createDesiredStore(redis, keys);
  const all = apps.map((app) => found(app, commit));
  await desired.setDesired(repository, await desired.nextSequence(repository), all);
}

/** A release of what is desired, by the run that holds the lease. */
async function start(app = 'web'): Promise<Release> {
  const { id } = found(app, '').target;
  const record = await releases.record(id);
  if (!record?.desired) throw new Error('nothing desired');
  await redis.set(keys.lease(id), token);
  return releases.start(record.desired, 0, token);
}

const write = (release: Release, state: ReleaseState, more: Partial<Release> = {}) =>
  releases.write({ ...release, ...more, state }, token);

const waitsFor = (name: string): Partial<Release> => ({
  notices: [{ kind: 'waiting', summary: `waits for ${name}` }],
});

/** `kind commit`, and the release's number if there is one. */
async function written(): Promise<string[]> {
  const { events } = await outbox.readAfter(undefined, 1_000);
  return events.map(({ event }) => {
    const release = event.kind === 'queued' ? undefined : event.release;
    return [event.kind, event.commit, ...(release ? [release.number] : [])].join(' ');
  });
}

describe('the events of a release', () => {
  it('are in the order of the writes, from queued to the end', async () => {
    await push('one');
    const release = await start();
    for (const state of ['rendering', 'checking', 'applying', 'verifying', 'succeeded'] as const) {
      await write(release, state);
    }
    expect(await written()).toEqual([
      'queued one',
      'rendering one 1',
      'checking one 1',
      'applying one 1',
      'verifying one 1',
      'succeeded one 1',
    ]);
  });

  it('are not written by a run that lost its lease', async () => {
    await push('one');
    const release = await start();
    await redis.set(keys.lease(web), 'another run');
    await expect(write(release, 'failed')).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await written()).toEqual(['queued one']);
  });

  it('are written once if the same write is sent twice', async () => {
    await push('one');
    const release = await start();
    await write(release, 'applying');
    await write(release, 'applying');
    await write(release, 'failed', { failure: { code: 'UNHEALTHY', summary: 'broken' } });
    await write(release, 'failed', { failure: { code: 'UNHEALTHY', summary: 'broken' } });
    expect(await written()).toEqual(['queued one', 'applying one 1', 'failed one 1']);
  });

  it('include a stage once, however often retries and waves return to it', async () => {
    await push('one');
    const release = await start();
    for (const state of ['rendering', 'applying', 'verifying', 'applying'] as const) {
      await write(release, state);
    }
    for (const state of ['rendering', 'applying', 'verifying'] as const) {
      await write(release, state, { attempts: 2, failure: { code: 'CLUSTER_BUSY', summary: 'busy' } });
    }
    await write(release, 'succeeded');
    await push('two');
    await write(await start(), 'rendering');
    expect(await written()).toEqual([
      'queued one',
      'rendering one 1',
      'applying one 1',
      'verifying one 1',
      'succeeded one 1',
      'queued two',
      'rendering two 2',
    ]);
  });

  it('repeat that a release is blocked only if the reason has changed', async () => {
    await push('one');
    const release = await start();
    await write(release, 'blocked', waitsFor('database'));
    await write(release, 'blocked', waitsFor('database'));
    await write(release, 'blocked', waitsFor('queue'));
    await write(release, 'rendering');
    expect(await written()).toEqual(['queued one', 'blocked one 1', 'blocked one 1', 'rendering one 1']);
  });

  it('include a commit that was superseded before it had a release', async () => {
    await push('one');
    await push('two');
    const { events } = await outbox.readAfter(undefined, 10);
    expect(events.map(({ event }) => event)).toMatchObject([
      { kind: 'queued', target: web, commit: 'one', cause: { kind: 'push' }, version: 1 },
      { kind: 'superseded', target: web, commit: 'one', supersededBy: 'two', cause: { kind: 'push' } },
      { kind: 'queued', target: web, commit: 'two' },
    ]);
    expect(events[0]?.event.at).toBeGreaterThan(Date.now() - 60_000);
  });

  it('include once that a release in progress was superseded', async () => {
    await push('one');
    const release = await start();
    await write(release, 'applying');
    await push('two');
    await write(release, 'superseded', { supersededBy: 'two' });
    expect(await written()).toEqual(['queued one', 'applying one 1', 'queued two', 'superseded one 1']);
  });

  it('include a deploy that a person asked for, with that person as its cause', async () => {
    const desired = createDesiredStore(redis, keys);
    await push('one');
    await write(await start(), 'succeeded');
    await desired.repeat(web, { kind: 'manual', by: 'ada' });
    await desired.again(web);
    const { events } = await outbox.readAfter(undefined, 10);
    expect(events.slice(-2).map(({ event }) => event)).toMatchObject([
      { kind: 'queued', commit: 'one', cause: { kind: 'manual', by: 'ada' } },
      { kind: 'queued', commit: 'one', cause: { kind: 'manual', by: 'ada' } },
    ]);
  });

  it('are written by the command that writes the release, without another round trip', async () => {
    await push('one');
    const release = await start();
    await write(release, 'rendering');
    const sending = vi.spyOn(redis, 'sendCommand');
    await write(release, 'applying');
    await push('two');
    const names = sending.mock.calls.map(([command]) => command.name);
    expect(names.filter((name) => name.startsWith('x'))).toEqual([]);
    expect(names.slice(0, 1)).toEqual(['evalsha']);
    expect(await written()).toContain('applying one 1');
  });

  it('leave the stream when it is full, the oldest first', async () => {
    await push('one');
    const batch = redis.pipeline();
    for (let i = 0; i < 50_200; i += 1) batch.xadd(keys.events, '*', 'event', '{}');
    await batch.exec();
    await write(await start(), 'succeeded');
    const length = await redis.xlen(keys.events);
    expect(length).toBeGreaterThanOrEqual(50_000);
    expect(length).toBeLessThanOrEqual(50_101);
    expect(await written()).not.toContain('queued one');
  });
});

describe('a reader of events', () => {
  it('goes on after the cursor of its last read', async () => {
    await push('one', ['a', 'b', 'c']);
    const first = await outbox.readAfter(undefined, 2);
    const second = await outbox.readAfter(first.cursor, 2);
    const targets = [...first.events, ...second.events].map(({ event }) => event.target);
    expect(targets).toEqual(['a', 'b', 'c'].map((app) => found(app, '').target.id));
    expect(second).toMatchObject({ truncated: false });
    expect(await outbox.readAfter(second.cursor, 2)).toEqual({
      events: [],
      cursor: second.cursor,
      truncated: false,
    });
  });

  it('learns that events after its cursor may have been trimmed', async () => {
    await push('one', ['a', 'b', 'c']);
    const { cursor } = await outbox.readAfter(undefined, 1);
    await redis.xtrim(keys.events, 'MAXLEN', 1);
    const page = await outbox.readAfter(cursor, 10);
    expect(page).toMatchObject({
      truncated: true,
      events: [{ event: { target: found('c', '').target.id } }],
    });
  });

  it('gets an error for an invalid cursor', async () => {
    await expect(outbox.readAfter('yesterday', 1)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('the consumer of a channel', () => {
  async function holding(channel = 'chat', from = outbox): Promise<EventConsumer> {
    const consumer = await from.consumer(channel);
    expect(await consumer.hold()).toBe(true);
    return consumer;
  }
  const commits = async (batch: ReturnType<EventConsumer['next']>) =>
    (await batch)?.events.map(({ event }) => event.commit);

  it('begins with the events written after it was registered', async () => {
    await push('before', ['a']);
    const consumer = await holding();
    await push('after', ['b']);
    expect(await commits(consumer.next(10))).toEqual(['after']);
  });

  it('receives each event once', async () => {
    const consumer = await holding();
    await push('one');
    expect(await commits(consumer.next(10))).toEqual(['one']);
    expect(await consumer.next(10)).toMatchObject({ events: [], lost: 0 });
  });

  it('shares nothing with the consumer of another channel', async () => {
    const [chat, mail] = [await holding('chat'), await holding('mail')];
    await push('one');
    expect(await commits(chat.next(10))).toEqual(['one']);
    expect(await commits(mail.next(10))).toEqual(['one']);
  });

  it('is one process at a time, and another one once it releases the channel', async () => {
    const first = await holding();
    const second = await outbox.consumer('chat');
    expect(await second.hold()).toBe(false);
    await push('one');
    expect(await second.next(10)).toBeUndefined();
    await first.release();
    expect(await second.hold()).toBe(true);
    expect(await first.next(10)).toBeUndefined();
    expect(await commits(second.next(10))).toEqual(['one']);
  });

  it('leaves what a killed process received and did not acknowledge to the next one', async () => {
    const killed = await holding('chat', createOutbox(redis, keys, 20));
    await push('one', ['a', 'b', 'c']);
    const batch = await killed.next(10);
    await killed.acknowledge(batch?.events.slice(0, 1).map(({ cursor }) => cursor) ?? []);
    const next = await outbox.consumer('chat');
    await expect.poll(() => next.hold()).toBe(true);
    const left = await next.unacknowledged(undefined, 10);
    expect(left?.events.map(({ event }) => event.target)).toEqual(
      ['b', 'c'].map((app) => found(app, '').target.id),
    );
    expect(await next.unacknowledged(left?.cursor, 10)).toMatchObject({ events: [] });
    await next.acknowledge(left?.events.map(({ cursor }) => cursor) ?? []);
    expect(await next.unacknowledged(undefined, 10)).toMatchObject({ events: [], lost: 0 });
  });

  it('learns exactly how many events were trimmed before it received them', async () => {
    const consumer = await holding();
    await push('one', ['a', 'b']);
    await consumer.next(1);
    await push('two', ['a', 'b', 'c']);
    await redis.xtrim(keys.events, 'MAXLEN', 1);
    expect(await consumer.next(10)).toMatchObject({ lost: 5, events: [{ event: { commit: 'two' } }] });
    expect(await consumer.next(10)).toMatchObject({ lost: 0, events: [] });
    await push('three', ['a']);
    expect(await consumer.next(10)).toMatchObject({ lost: 0, events: [{}, {}] });
  });

  it('learns that events which it received and did not acknowledge were trimmed', async () => {
    const consumer = await holding();
    await push('one', ['a', 'b', 'c']);
    await consumer.next(10);
    await redis.xtrim(keys.events, 'MAXLEN', 1);
    expect(await consumer.unacknowledged(undefined, 10)).toMatchObject({ lost: 2, events: [{}] });
    expect(await consumer.unacknowledged(undefined, 10)).toMatchObject({ lost: 0, events: [{}] });
  });

  it('skips and counts an event that a newer version wrote', async () => {
    const consumer = await holding();
    await redis.xadd(keys.events, '*', 'event', JSON.stringify({ version: 99, kind: 'queued' }));
    await push('one');
    expect(await consumer.next(10)).toMatchObject({ lost: 1, events: [{ event: { commit: 'one' } }] });
    expect(await consumer.unacknowledged(undefined, 10)).toMatchObject({ lost: 0, events: [{}] });
  });

  it('begins with the first event after Redis was emptied', async () => {
    const consumer = await holding();
    await push('one');
    await consumer.next(10);
    await redis.del(await redis.keys(`${keys.events.slice(0, -':events'.length)}*`));
    await push('two');
    expect(await consumer.next(10)).toBeUndefined();
    expect(await consumer.hold()).toBe(true);
    expect(await commits(consumer.next(10))).toEqual(['two']);
  });
});
