import { expect, it } from 'vitest';
import { backoffMs } from '../../../src/model/backoff.ts';

it('waits longer with every try, half a minute at most', () => {
  for (const [attempt, full] of [
    [1, 500],
    [2, 1_000],
    [5, 8_000],
    [50, 30_000],
  ] as const) {
    const ms = backoffMs(attempt, undefined);
    expect(ms).toBeGreaterThanOrEqual(full / 2);
    expect(ms).toBeLessThanOrEqual(full);
  }
});

it('never waits less than the other side asked for', () => {
  expect(backoffMs(1, 60_000)).toBe(60_000);
});
