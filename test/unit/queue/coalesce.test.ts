import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { coalesce } from '../../../src/queue/coalesce.ts';

describe('coalesce', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('enqueues the first call at once and all that follow within the time as one', async () => {
    const enqueued: number[] = [];
    const enqueue = coalesce(100, async (item: number) => {
      enqueued.push(item);
    });
    const all = [1, 2, 3].map((item) => enqueue('commit', item));
    expect(enqueued).toEqual([1]);
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all(all);
    expect(enqueued).toHaveLength(2);
  });

  it('keeps names apart', () => {
    const enqueued: string[] = [];
    const enqueue = coalesce(100, async (item: string) => {
      enqueued.push(item);
    });
    void enqueue('a', 'a');
    void enqueue('b', 'b');
    expect(enqueued).toEqual(['a', 'b']);
  });

  it('enqueues at once again after a quiet time', async () => {
    const enqueued: number[] = [];
    const enqueue = coalesce(100, async (item: number) => {
      enqueued.push(item);
    });
    await enqueue('commit', 1);
    await vi.advanceTimersByTimeAsync(150);
    void enqueue('commit', 2);
    expect(enqueued).toEqual([1, 2]);
  });

  it('rejects if the wake-up could not be enqueued', async () => {
    const enqueue = coalesce(100, () => Promise.reject(new Error('no Redis')));
    await expect(enqueue('commit', 1)).rejects.toThrow('no Redis');
  });
});
