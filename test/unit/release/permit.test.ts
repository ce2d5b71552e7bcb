import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../../src/release/limiter.ts';
import { acquirePermit } from '../../../src/release/permit.ts';

const { signal } = new AbortController();

/** Whether the gate lets one more in at this moment. */
async function isFree(limiter: ReturnType<typeof createLimiter>): Promise<boolean> {
  const given = new AbortController();
  const entered = limiter.acquire(0, given.signal).then(
    (release) => {
      release();
      return true;
    },
    () => false,
  );
  await new Promise(setImmediate);
  given.abort();
  return entered;
}

describe('a place behind the gate', () => {
  it('is free for others during a wait, and taken again after it', async () => {
    const limiter = createLimiter(1);
    const permit = await acquirePermit(limiter, 0, signal);
    const wait = Promise.withResolvers<string>();

    const waited = permit.whileReleased(() => wait.promise);
    expect(await isFree(limiter)).toBe(true);
    wait.resolve('healthy');

    expect(await waited).toBe('healthy');
    expect(await isFree(limiter)).toBe(false);
    permit.release();
    expect(await isFree(limiter)).toBe(true);
  });

  it('is one place, also after waits that ran at once', async () => {
    const limiter = createLimiter(1);
    const permit = await acquirePermit(limiter, 0, signal);
    const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const waited = [permit.whileReleased(() => one.promise), permit.whileReleased(() => other.promise)];
    one.resolve();
    await waited[0];
    other.resolve();
    await waited[1];

    permit.release();

    expect(await isFree(limiter)).toBe(true);
  });

  it('is free again after a wait that failed and a release that left', async () => {
    const limiter = createLimiter(1);
    const permit = await acquirePermit(limiter, 0, signal);

    await expect(permit.whileReleased(() => Promise.reject(new Error('superseded')))).rejects.toThrow(
      'superseded',
    );
    permit.release();

    expect(await isFree(limiter)).toBe(true);
  });
});
