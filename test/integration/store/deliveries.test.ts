import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import type { Deliveries, DeliveryEnding, NewDelivery, WakeUp } from '../../../src/ports/deliveries.ts';
import { connectRedis, whenReady } from '../../../src/store/connection.ts';
import { createDeliveries } from '../../../src/store/deliveries.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createMasker } from '../../../src/telemetry/secrets.ts';
import { sandbox, uniquePrefix } from '../../support/sandbox.ts';

const log = createLogger({ level: 'silent', masker: createMasker() });
const redis = connectRedis(
  { kind: 'url', url: sandbox().redisUrl, prefix: '{unused}' },
  { role: 'producer', log },
);
const repository = 'github/acme/loans';
let prefix: string;
let deliveries: Deliveries;

beforeAll(async () => {
  await whenReady(redis, PATIENCE_MS);
});

beforeEach(() => {
  prefix = uniquePrefix('deliveries');
  deliveries = createDeliveries(redis, { prefix, keepMs: 60_000, keepCount: 5 });
});

afterAll(() => redis.disconnect());

let clock = Date.now();
function push(id: string, more: Partial<NewDelivery> = {}): NewDelivery {
  clock += 1;
  return {
    id: `github:${id}`,
    kind: 'webhook',
    forge: 'github',
    event: 'push',
    repository,
    ref: 'refs/heads/main',
    commit: 'a'.repeat(40),
    sender: 'ada',
    receivedAt: clock,
    known: true,
    ...more,
  };
}

const done: DeliveryEnding = { state: 'done', outcome: 'nothing to deploy', targets: [] };

describe('accepting', () => {
  it('records a delivery and asks to enqueue an intake', async () => {
    const delivery = push('1');

    const [accepted] = await deliveries.accept([delivery]);

    expect(accepted).toEqual({
      id: 'github:1',
      state: 'waiting',
      outcome: undefined,
      repeated: false,
      wakeUp: { repository, claims: 0 },
    });
    expect(await deliveries.get('github:1')).toEqual({
      id: 'github:1',
      kind: 'webhook',
      forge: 'github',
      event: 'push',
      repository,
      ref: 'refs/heads/main',
      commit: 'a'.repeat(40),
      sender: 'ada',
      receivedAt: delivery.receivedAt,
      state: 'waiting',
      outcome: undefined,
      endedAt: undefined,
      repeats: 0,
      targets: [],
    });
  });

  it('records an ignored delivery with its reason and enqueues nothing', async () => {
    const [accepted] = await deliveries.accept([push('1', { ignored: 'unused event: star' })]);

    expect(accepted).toMatchObject({ state: 'ignored', outcome: 'unused event: star', wakeUp: undefined });
    expect(await deliveries.claim(repository)).toEqual([]);
  });

  it('counts a repeated id, and enqueues an intake for it only if the first delivery has ended', async () => {
    await deliveries.accept([push('1')]);
    const [whileWaiting] = await deliveries.accept([push('1')]);
    await deliveries.end(['github:1'], { ...done, targets: ['github/acme/loans//web@production'] });
    const [afterEnd] = await deliveries.accept([push('1')]);

    expect(whileWaiting).toMatchObject({ repeated: true, wakeUp: undefined, state: 'waiting' });
    expect(afterEnd).toMatchObject({ repeated: true, wakeUp: { repository }, state: 'waiting' });
    expect(await deliveries.get('github:1')).toMatchObject({
      repeats: 2,
      state: 'waiting',
      endedAt: undefined,
    });
    expect((await deliveries.claim(repository)).map(({ id }) => id)).toEqual(['github:1']);
  });

  it('accepts an empty batch', async () => {
    expect(await deliveries.accept([])).toEqual([]);
  });

  it('recognises a repeated id within one batch', async () => {
    const accepted = await deliveries.accept([push('1'), push('1'), push('2')]);

    expect(accepted.map(({ repeated, wakeUp }) => [repeated, wakeUp !== undefined])).toEqual([
      [false, true],
      [true, false],
      [false, true],
    ]);
  });

  it('enqueues an intake for an ignored delivery that is sent again after a project allowed its repository', async () => {
    await deliveries.accept([push('1', { ignored: 'no project allows it', known: false })]);

    const [again] = await deliveries.accept([push('1')]);

    expect(again).toMatchObject({ repeated: true, wakeUp: { repository }, state: 'waiting' });
  });

  it('remembers only repositories that a project allows', async () => {
    await deliveries.accept([
      push('1'),
      push('2', { repository: 'github/evil/one', known: false, ignored: 'no project allows it' }),
      push('3', { repository: undefined, ignored: 'the event names no repository', known: false }),
    ]);

    expect(await deliveries.repositories()).toEqual([repository]);
  });

  it('remembers the head of every pull request that a merge brought', async () => {
    const merge = (number: number, head: string) => ({ number, head, mergeCommit: 'feed', base: 'main' });
    await deliveries.accept([
      push('1', { merged: merge(7, 'beef') }),
      push('2', { merged: merge(8, 'cafe') }),
    ]);

    expect(await deliveries.pullsOf(repository, 'feed')).toEqual([
      { number: 7, head: 'beef' },
      { number: 8, head: 'cafe' },
    ]);
    expect(await deliveries.pullsOf(repository, 'other')).toEqual([]);
  });
});

describe('a wake-up that is known to be enqueued', () => {
  /** Records one delivery, with the wake-ups that were enqueued before. */
  async function accept(id: string, enqueued: WakeUp[] = []) {
    const [accepted] = await deliveries.accept([push(id)], enqueued);
    return accepted?.wakeUp;
  }

  it('covers new deliveries until an intake claims', async () => {
    const wakeUp = await accept('1');
    const covered = [await accept('2', wakeUp ? [wakeUp] : []), await accept('3')];
    const claimed = await deliveries.claim(repository);
    const afterClaim = await accept('4');

    expect(wakeUp).toEqual({ repository, claims: 0 });
    expect(covered).toEqual([undefined, undefined]);
    expect(claimed.map(({ id }) => id)).toEqual(['github:1', 'github:2', 'github:3']);
    expect(afterClaim).toEqual({ repository, claims: 1 });
  });

  it('covers nothing if the intake claimed before the wake-up was confirmed', async () => {
    const wakeUp = await accept('1');
    await deliveries.claim(repository);

    expect(await accept('2', wakeUp ? [wakeUp] : [])).toEqual({ repository, claims: 1 });
  });

  it('covers only its own repository', async () => {
    const wakeUp = await accept('1');
    const [other] = await deliveries.accept(
      [push('2', { repository: 'github/acme/other' })],
      wakeUp ? [wakeUp] : [],
    );

    expect(other?.wakeUp).toEqual({ repository: 'github/acme/other', claims: 0 });
  });

  it('is requested again until it is confirmed', async () => {
    await accept('1');

    expect(await accept('2')).toEqual({ repository, claims: 0 });
  });
});

describe('waiting deliveries', () => {
  it('are claimed by repository, oldest first, until they are ended', async () => {
    await deliveries.accept([push('1'), push('2', { repository: 'github/acme/other' }), push('3')]);

    const first = await deliveries.claim(repository);
    const afterCrash = await deliveries.claim(repository);
    await deliveries.accept([push('4')]);
    await deliveries.end(
      first.map(({ id }) => id),
      done,
    );

    expect(first.map(({ id }) => id)).toEqual(['github:1', 'github:3']);
    expect(afterCrash).toEqual(first.map((one) => ({ ...one, waitedMs: expect.any(Number) })));
    expect((await deliveries.claim(repository)).map(({ id }) => id)).toEqual(['github:4']);
    expect(await deliveries.get('github:3')).toMatchObject({ state: 'done', outcome: 'nothing to deploy' });
  });

  it('are overdue by repository, when the oldest has waited too long', async () => {
    const early = push('1');
    const late = push('2', { repository: 'github/acme/other' });
    await deliveries.accept([early, late]);

    await redis.zincrby(`${prefix}:waiting-repositories`, -60_000, repository);

    expect(await deliveries.overdue(60_000)).toEqual([repository]);
    await deliveries.end(['github:1'], done);
    expect(await deliveries.overdue(0)).toEqual(['github/acme/other']);
  });

  it('keep the targets of the first end when a repeat moved nothing', async () => {
    await deliveries.accept([push('1')]);
    await deliveries.end(['github:1'], { ...done, targets: ['a//b@c', 'a//d@c'] });
    await deliveries.accept([push('1')]);
    await deliveries.end(['github:1'], done);

    expect((await deliveries.get('github:1'))?.targets).toEqual(['a//b@c', 'a//d@c']);
  });
});

describe('listing', () => {
  it('shows the newest first, filtered by repository and state', async () => {
    await deliveries.accept([push('1'), push('2', { repository: 'github/acme/other' }), push('3')]);
    await deliveries.end(['github:1'], done);
    const ids = async (filter: Parameters<Deliveries['list']>[0]) =>
      (await deliveries.list(filter)).map(({ id }) => id);

    expect(await ids({ limit: 2 })).toEqual(['github:3', 'github:2']);
    expect(await ids({ limit: 10, repository })).toEqual(['github:3', 'github:1']);
    expect(await ids({ limit: 10, repository, state: 'waiting' })).toEqual(['github:3']);
    expect(await ids({ limit: 1, repository })).toEqual(['github:3']);
  });
});

describe('the number of deliveries', () => {
  it('is limited: the oldest are removed', async () => {
    for (let at = 0; at < 8; at += 1) await deliveries.accept([push(String(at))]);

    const kept = await deliveries.list({ limit: 100 });

    expect(kept.map(({ id }) => id)).toEqual(['7', '6', '5', '4', '3'].map((id) => `github:${id}`));
    expect(await deliveries.get('github:0')).toBeUndefined();
    expect((await deliveries.claim(repository)).length).toBe(5);
  });

  it('is limited by age', async () => {
    await deliveries.accept([push('old')]);
    await redis.zincrby(`${prefix}:deliveries`, -61_000, 'github:old');
    await deliveries.accept([push('new')]);

    expect((await deliveries.list({ limit: 100 })).map(({ id }) => id)).toEqual(['github:new']);
    expect(await redis.exists(`${prefix}:delivery:github:old`)).toBe(0);
  });

  it('is limited in every key, by a size or an expiry', async () => {
    await deliveries.accept([
      push('1', { merged: { number: 1, head: 'b', mergeCommit: 'c', base: 'main' } }),
    ]);

    const hashes = await redis.keys(`${prefix}:*`);
    const types = await Promise.all(
      hashes.map(async (key) => [await redis.type(key), await redis.pttl(key)]),
    );

    for (const [type, ttl] of types) if (type === 'hash') expect(ttl).toBeGreaterThan(0);
    expect(types.filter(([type]) => type === 'hash')).toHaveLength(2);
  });
});
