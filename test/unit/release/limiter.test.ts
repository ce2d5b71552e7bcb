import { describe, expect, it } from 'vitest';
import type { Limiter } from '../../../src/ports/limiter.ts';
import { createLimiter, createLimiters } from '../../../src/release/limiter.ts';

const neverAborts = new AbortController().signal;
const nextTick = () => new Promise((resolve) => setImmediate(resolve));

describe('limiter', () => {
  /** Acquires a permit per flow, in this order; each is released at once. Resolves to the order in which they were granted. */
  async function grantedAfter(release: () => void, limiter: Limiter, flows: string[]): Promise<string[]> {
    const granted: string[] = [];
    const all = flows.map(async (flow, at) => {
      const releaseAgain = await limiter.acquire(flow, neverAborts);
      granted.push(`${flow} ${at}`);
      await nextTick();
      releaseAgain();
    });
    await nextTick();
    expect(granted).toEqual([]);
    release();
    await Promise.all(all);
    return granted;
  }

  it('grants permits to flows in turns, and within a flow to the first in the queue', async () => {
    const limiter = createLimiter(1);
    const release = await limiter.acquire('large', neverAborts);
    expect(
      await grantedAfter(release, limiter, ['large', 'large', 'large', 'small', 'other', 'small']),
    ).toEqual(['large 0', 'small 3', 'other 4', 'large 1', 'small 5', 'large 2']);
  });

  it('grants a permit to whoever waits, however many others come later', async () => {
    const limiter = createLimiter(1);
    let release = await limiter.acquire('small', neverAborts);
    let granted = false;
    void limiter.acquire('large', neverAborts).then(() => {
      granted = true;
    });
    for (let i = 0; i < 3 && !granted; i += 1) {
      const next = limiter.acquire('small', neverAborts);
      release();
      await nextTick();
      if (!granted) release = await next;
    }
    expect(granted).toBe(true);
  });

  it('releases a permit once, even if its release function is called twice', async () => {
    const limiter = createLimiter(1);
    const release = await limiter.acquire('flow', neverAborts);
    release();
    release();
    await limiter.acquire('flow', neverAborts);
    let second = false;
    void limiter.acquire('flow', neverAborts).then(() => {
      second = true;
    });
    await nextTick();
    expect(second).toBe(false);
  });

  it('removes an aborted waiter from the queue', async () => {
    const limiter = createLimiter(1);
    const release = await limiter.acquire('flow', neverAborts);
    const aborted = new AbortController();
    const waiting = limiter.acquire('flow', aborted.signal);
    aborted.abort(new Error('a newer revision is desired'));
    await expect(waiting).rejects.toThrow('a newer revision is desired');
    release();
    await expect(limiter.acquire('other', neverAborts)).resolves.toBeTypeOf('function');
  });

  it('limits each cluster separately', async () => {
    const limiterOf = createLimiters(() => 1);
    await limiterOf('prod').acquire('flow', neverAborts);
    await expect(limiterOf('staging').acquire('flow', neverAborts)).resolves.toBeTypeOf('function');
    expect(limiterOf('prod')).toBe(limiterOf('prod'));
  });
});
