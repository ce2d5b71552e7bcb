import { describe, expect, it } from 'vitest';
import { createLimiter, createLimiters } from '../../../src/release/limiter.ts';

const never = new AbortController().signal;
const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('the gate', () => {
  it('lets in as many as it has places, then the lowest order, then who came first', async () => {
    const limiter = createLimiter(1);
    const release = await limiter.acquire(0, never);
    const entered: string[] = [];
    for (const [name, order] of [
      ['large 1', 7],
      ['large 2', 7],
      ['small', 0],
    ] as const) {
      void limiter.acquire(order, never).then((leaveAgain) => {
        entered.push(name);
        leaveAgain();
      });
    }
    await soon();
    expect(entered).toEqual([]);
    release();
    await soon();
    expect(entered).toEqual(['small', 'large 1', 'large 2']);
  });

  it('gives a place back once, however often it is left', async () => {
    const limiter = createLimiter(1);
    const release = await limiter.acquire(0, never);
    release();
    release();
    await limiter.acquire(0, never);
    let second = false;
    void limiter.acquire(0, never).then(() => {
      second = true;
    });
    await soon();
    expect(second).toBe(false);
  });

  it('lets nobody wait who no longer wants in', async () => {
    const limiter = createLimiter(1);
    const release = await limiter.acquire(0, never);
    const aborted = new AbortController();
    const waiting = limiter.acquire(0, aborted.signal);
    aborted.abort(new Error('a newer commit has come'));
    await expect(waiting).rejects.toThrow('a newer commit has come');
    release();
    await expect(limiter.acquire(1, never)).resolves.toBeTypeOf('function');
  });

  it('of one cluster is not in the way of another', async () => {
    const limiterOf = createLimiters(() => 1);
    await limiterOf('prod').acquire(0, never);
    await expect(limiterOf('staging').acquire(0, never)).resolves.toBeTypeOf('function');
    expect(limiterOf('prod')).toBe(limiterOf('prod'));
  });
});
