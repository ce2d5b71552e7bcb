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

describe('the record on the cluster', () => {
  it('keeps what is in force through a failed release', () => {
    const record = recordAfter(['succeeded', 1], ['failed', 2]);
    expect(record?.inForce?.commit).toBe('commit1');
    expect(record?.history.map(({ state }) => state)).toEqual(['failed', 'succeeded']);
  });

  it('keeps ten releases, the newest first', () => {
    const record = recordAfter(
      ...Array.from({ length: 12 }, (_, i) => ['succeeded', i + 1] as ['succeeded', number]),
    );
    expect(record?.history.map(({ number }) => number)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  });

  it('says who deployed, when, and by which policy', () => {
    expect(recordAfter(['succeeded', 1])?.inForce).toMatchObject({
      policyKey: 'policy1',
      by: 'ada',
      at: '2026-01-02T03:04:05.000Z',
    });
  });

  it('knows the highest number', () => {
    expect(lastNumber(undefined)).toBe(0);
    expect(lastNumber(recordAfter(['succeeded', 4], ['failed', 5]))).toBe(5);
  });
});

describe('content runs already', () => {
  it.each<[string, ParentRecord | undefined, boolean]>([
    ['never before the first release', undefined, false],
    ['when the last release brought it', recordAfter(['succeeded', 1]), true],
    ['not when something else failed since', recordAfter(['succeeded', 1], ['failed', 2]), false],
    ['not when something else is in force', recordAfter(['succeeded', 1], ['succeeded', 2]), false],
  ])('%s', (_name, record, expected) => {
    expect(lineInForce(record, 'key1')?.number).toBe(expected ? 1 : undefined);
  });
});
