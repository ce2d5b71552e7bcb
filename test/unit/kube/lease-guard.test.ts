import { afterEach, expect, test, vi } from 'vitest';
import { guardLease } from '../../../src/kube/lease-guard.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('writers within a second share one check of the lease, and later ones check again', async () => {
  vi.useFakeTimers();
  const lease = vi.fn(async () => undefined);
  const guard = guardLease(lease, new AbortController().signal);

  await Promise.all([guard.beforeWrite(), guard.beforeWrite(), guard.beforeWrite()]);
  await guard.beforeWrite();
  expect(lease).toHaveBeenCalledTimes(1);

  vi.advanceTimersByTime(1_001);
  await guard.beforeWrite();
  expect(lease).toHaveBeenCalledTimes(2);
});

test('a lost lease is thrown to every writer', async () => {
  const lost = new Error('lost');
  const guard = guardLease(async () => Promise.reject(lost), new AbortController().signal);
  const writers = [guard.beforeWrite(), guard.beforeWrite()];
  await expect(Promise.allSettled(writers)).resolves.toEqual([
    { status: 'rejected', reason: lost },
    { status: 'rejected', reason: lost },
  ]);
});

test('after an abort nothing is written, even if the lease is still held', async () => {
  const controller = new AbortController();
  const guard = guardLease(async () => controller.abort(new Error('stop')), controller.signal);
  await expect(guard.beforeWrite()).rejects.toThrow('stop');
});
