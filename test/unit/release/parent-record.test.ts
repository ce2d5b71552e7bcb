import { describe, expect, it } from 'vitest';
import type { Release } from '../../../src/model/release.ts';
import type { ParentRecord } from '../../../src/ports/cluster.ts';
import { lastNumber, lineInForce, nextRecord } from '../../../src/release/parent-record.ts';

const at = new Date('2026-01-02T03:04:05Z');
const release = (number: number): Release => ({
  id: `r-${number}`,
  target: 'github/acme/loans//web@production',
  number,
  commit: `commit${number}`,
  contentKey: `key${number}`,
  policyKey: `policy${number}`,
  revision: number,
  cause: { kind: 'push', by: 'ada' },
  state: 'verifying',
  times: {},
  startedAt: 0,
  attempts: 1,
});
const recordAfter = (...ends: ['succeeded' | 'failed', number][]) =>
  ends.reduce<ParentRecord | undefined>(
    (record, [state, number]) => nextRecord(record, release(number), state, at),
    undefined,
  );

describe('record on the ApplySet parent', () => {
  it('keeps the release in force after a later release has failed', () => {
    const record = recordAfter(['succeeded', 1], ['failed', 2]);
    expect(record?.inForce?.commit).toBe('commit1');
    expect(record?.history.map(({ state }) => state)).toEqual(['failed', 'succeeded']);
  });

  it('keeps the last ten releases, newest first', () => {
    const record = recordAfter(
      ...Array.from({ length: 12 }, (_, i) => ['succeeded', i + 1] as ['succeeded', number]),
    );
    expect(record?.history.map(({ number }) => number)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  });

  it('stores who deployed, when, and which policy allowed it', () => {
    expect(recordAfter(['succeeded', 1])?.inForce).toMatchObject({
      policyKey: 'policy1',
      by: 'ada',
      at: '2026-01-02T03:04:05.000Z',
    });
  });

  it('returns the highest release number', () => {
    expect(lastNumber(undefined)).toBe(0);
    expect(lastNumber(recordAfter(['succeeded', 4], ['failed', 5]))).toBe(5);
  });
});

describe('content', () => {
  it.each<[string, ParentRecord | undefined, boolean]>([
    ['does not run before the first release', undefined, false],
    ['runs if the last release deployed it', recordAfter(['succeeded', 1]), true],
    ['may not run if a later release failed', recordAfter(['succeeded', 1], ['failed', 2]), false],
    [
      'does not run if a later release deployed other content',
      recordAfter(['succeeded', 1], ['succeeded', 2]),
      false,
    ],
  ])('%s', (_name, record, expected) => {
    expect(lineInForce(record, 'key1')?.number).toBe(expected ? 1 : undefined);
  });
});
