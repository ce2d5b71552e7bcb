import { afterEach, expect, test, vi } from 'vitest';
import { guardLease } from '../../../src/kube/lease-guard.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('writers within a second share a look, and later ones look again', async () => {
  vi.useFakeTimers();
  const lease = vi.fn(async () => undefined);
  const watch = guardLease(lease, new AbortController().signal);

  await Promise.all([watch.beforeWrite(), watch.beforeWrite(), watch.beforeWrite()]);
  await watch.beforeWrite();
  expect(lease).toHaveBeenCalledTimes(1);

  vi.advanceTimersByTime(1_001);
  await watch.beforeWrite();
  expect(lease).toHaveBeenCalledTimes(2);
});

test('a lost turn is thrown to every writer', async () => {
  const lost = new Error('lost');
  const watch = guardLease(async () => Promise.reject(lost), new AbortController().signal);
  const writers = [watch.beforeWrite(), watch.beforeWrite()];
  await expect(Promise.allSettled(writers)).resolves.toEqual([
    { status: 'rejected', reason: lost },
    { status: 'rejected', reason: lost },
  ]);
});

test('after an abort nothing is written, whatever the fence says', async () => {
  const controller = new AbortController();
  const watch = guardLease(async () => controller.abort(new Error('stop')), controller.signal);
  await expect(watch.beforeWrite()).rejects.toThrow('stop');
});
