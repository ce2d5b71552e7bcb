import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../../src/release/limiter.ts';
import { acquirePermit } from '../../../src/release/permit.ts';

const { signal } = new AbortController();

/** Whether the limiter would grant a permit now. */
async function isFree(limiter: ReturnType<typeof createLimiter>): Promise<boolean> {
  const attempt = new AbortController();
  const granted = limiter.acquire('flow', attempt.signal).then(
    (release) => {
      release();
      return true;
    },
    () => false,
  );
  await new Promise(setImmediate);
  attempt.abort();
  return granted;
}

describe('permit', () => {
  it('is released during a wait and acquired again after it', async () => {
    const limiter = createLimiter(1);
    const permit = await acquirePermit(limiter, 'flow', signal);
    const wait = Promise.withResolvers<string>();

    const waited = permit.whileReleased(() => wait.promise);
    expect(await isFree(limiter)).toBe(true);
    wait.resolve('healthy');

    expect(await waited).toBe('healthy');
    expect(await isFree(limiter)).toBe(false);
    permit.release();
    expect(await isFree(limiter)).toBe(true);
  });

  it('is acquired only once after overlapping waits', async () => {
    const limiter = createLimiter(1);
    const permit = await acquirePermit(limiter, 'flow', signal);
    const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const waited = [permit.whileReleased(() => one.promise), permit.whileReleased(() => other.promise)];
    one.resolve();
    await waited[0];
    other.resolve();
    await waited[1];

    permit.release();

    expect(await isFree(limiter)).toBe(true);
  });

  it('can be released after a wait that failed', async () => {
    const limiter = createLimiter(1);
    const permit = await acquirePermit(limiter, 'flow', signal);

    await expect(permit.whileReleased(() => Promise.reject(new Error('superseded')))).rejects.toThrow(
      'superseded',
    );
    permit.release();

    expect(await isFree(limiter)).toBe(true);
  });

  it('that was released for good is not acquired again after a wait', async () => {
    const limiter = createLimiter(1);
    const permit = await acquirePermit(limiter, 'flow', signal);
    const wait = Promise.withResolvers<void>();
    const waited = permit.whileReleased(() => wait.promise);
    permit.release();
    wait.resolve();
    await waited;
    await permit.whileReleased(async () => undefined);
    expect(await isFree(limiter)).toBe(true);
  });
});
