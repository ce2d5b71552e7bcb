import { describe, expect, it } from 'vitest';
import { createLimiter, createLimiters } from '../../../src/release/limiter.ts';

const neverAborts = new AbortController().signal;
const nextTick = () => new Promise((resolve) => setImmediate(resolve));

describe('limiter', () => {
  it('grants a released permit to the waiter with the lowest order, and among equals to the first in the queue', async () => {
    const limiter = createLimiter(1);
    const release = await limiter.acquire(0, neverAborts);
    const granted: string[] = [];
    for (const [name, order] of [
      ['large 1', 7],
      ['large 2', 7],
      ['small', 0],
    ] as const) {
      void limiter.acquire(order, neverAborts).then((releaseAgain) => {
        granted.push(name);
        releaseAgain();
      });
    }
    await nextTick();
    expect(granted).toEqual([]);
    release();
    await nextTick();
    expect(granted).toEqual(['small', 'large 1', 'large 2']);
  });

  it('releases a permit once, even if its release function is called twice', async () => {
    const limiter = createLimiter(1);
    const release = await limiter.acquire(0, neverAborts);
    release();
    release();
    await limiter.acquire(0, neverAborts);
    let second = false;
    void limiter.acquire(0, neverAborts).then(() => {
      second = true;
    });
    await nextTick();
    expect(second).toBe(false);
  });

  it('removes an aborted waiter from the queue', async () => {
    const limiter = createLimiter(1);
    const release = await limiter.acquire(0, neverAborts);
    const aborted = new AbortController();
    const waiting = limiter.acquire(0, aborted.signal);
    aborted.abort(new Error('a newer revision is desired'));
    await expect(waiting).rejects.toThrow('a newer revision is desired');
    release();
    await expect(limiter.acquire(1, neverAborts)).resolves.toBeTypeOf('function');
  });

  it('limits each cluster separately', async () => {
    const limiterOf = createLimiters(() => 1);
    await limiterOf('prod').acquire(0, neverAborts);
    await expect(limiterOf('staging').acquire(0, neverAborts)).resolves.toBeTypeOf('function');
    expect(limiterOf('prod')).toBe(limiterOf('prod'));
  });
});
