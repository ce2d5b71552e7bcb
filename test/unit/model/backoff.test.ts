import { expect, it } from 'vitest';
import { backoffMs } from '../../../src/model/backoff.ts';

it('doubles the delay up to half a minute', () => {
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

it('never waits less than retryAfterMs', () => {
  expect(backoffMs(1, 60_000)).toBe(60_000);
});
