import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { together } from '../../../src/queue/coalesce.ts';

describe('rings together', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('rings the first at once and all that follow within the time as one', async () => {
    const rung: number[] = [];
    const ring = together(100, async (item: number) => {
      rung.push(item);
    });
    const all = [1, 2, 3].map((item) => ring('commit', item));
    expect(rung).toEqual([1]);
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all(all);
    expect(rung).toHaveLength(2);
  });

  it('keeps names apart', () => {
    const rung: string[] = [];
    const ring = together(100, async (item: string) => {
      rung.push(item);
    });
    void ring('a', 'a');
    void ring('b', 'b');
    expect(rung).toEqual(['a', 'b']);
  });

  it('rings at once again after a quiet time', async () => {
    const rung: number[] = [];
    const ring = together(100, async (item: number) => {
      rung.push(item);
    });
    await ring('commit', 1);
    await vi.advanceTimersByTimeAsync(150);
    void ring('commit', 2);
    expect(rung).toEqual([1, 2]);
  });

  it('says it where the bell could not be rung', async () => {
    const ring = together(100, () => Promise.reject(new Error('no Redis')));
    await expect(ring('commit', 1)).rejects.toThrow('no Redis');
  });
});
