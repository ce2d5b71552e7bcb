import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Turns } from '../../../src/ports/turns.ts';
import { createTurns } from '../../../src/queue/turns.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const web = 'github/acme/web//web@production';
const never = new AbortController().signal;

let redis: Redis;
let keys: StateKeys;

beforeEach(() => {
  redis = testRedis();
  keys = stateKeys(uniquePrefix());
  onTestFinished(() => redis.disconnect());
});

/** Those of one process. */
async function turnsOfProcess(): Promise<Turns> {
  const subscriber = testRedis();
  const turns = await createTurns(redis, subscriber, keys, keys.desiredChannel);
  onTestFinished(async () => {
    await turns.close();
    subscriber.disconnect();
  });
  return turns;
}

const aborted = (signal: AbortSignal) =>
  signal.aborted ||
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(true), { once: true }));

describe('the turn of a target', () => {
  it('belongs to the run that took it last; the other one may write nothing more', async () => {
    const [here, there] = [await turnsOfProcess(), await turnsOfProcess()];
    const first = await here.take(web, never);
    here.answer(first, 1);
    const second = await there.take(web, never);
    there.answer(second, 1);
    await aborted(first.signal);
    expect(first.signal.reason).toMatchObject({ code: 'TURN_LOST' });
    await expect(first.fence()).rejects.toMatchObject({ code: 'TURN_LOST' });
    await sleep(1_100);
    await expect(second.fence()).resolves.toBeUndefined();
  });

  it('is found lost by the fence also where nobody has looked', async () => {
    const turns = await turnsOfProcess();
    const turn = await turns.take(web, never);
    await redis.set(keys.fence(web), 'another run');
    await sleep(1_100);
    await expect(turn.fence()).rejects.toMatchObject({ code: 'TURN_LOST' });
  });

  it('is lost when Redis is emptied', async () => {
    const turns = await turnsOfProcess();
    const turn = await turns.take(web, never);
    turns.answer(turn, 7);
    await redis.del(keys.fence(web));
    await aborted(turn.signal);
    expect(turn.newer.aborted).toBe(false);
  });

  it.each([
    ['by the message, without waiting for the next look', true],
    ['by the next look, where the message is missed', false],
  ])('hears of a newer desired %s', async (_name, published) => {
    if (published) vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const turns = await turnsOfProcess();
    const turn = await turns.take(web, never);
    await redis.hset(keys.target(web), 'revision', 1);
    turns.answer(turn, 1);
    await redis.hset(keys.target(web), 'revision', 2);
    if (published) await redis.publish(keys.desiredChannel, web);
    await aborted(turn.newer);
    await expect(turn.fence()).rejects.toMatchObject({ code: 'SUPERSEDED' });
  });

  it('ends with its job', async () => {
    const turns = await turnsOfProcess();
    const job = new AbortController();
    const turn = await turns.take(web, job.signal);
    job.abort(new Error('taken away'));
    await expect(turn.fence()).rejects.toThrow('taken away');
  });
});
