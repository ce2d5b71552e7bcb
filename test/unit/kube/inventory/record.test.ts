import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from '../../../../src/kube/inventory/record.ts';
import type { RecordLine } from '../../../../src/ports/cluster.ts';

function line(number: number, by?: string): RecordLine {
  return {
    number,
    commit: 'abc',
    contentKey: 'key',
    state: 'succeeded',
    at: '2026-01-01T00:00:00Z',
    ...(by && { by }),
  };
}

test('a record is read as it was written', () => {
  const record = {
    target: 'github/a/b//app@prod',
    inForce: { ...line(2, 'ada'), policyKey: 'policy' },
    history: [line(2, 'ada'), line(1)],
  };
  expect(decodeRecord(record.target, encodeRecord(record))).toEqual(record);
});

test('only the newest ten lines are kept', () => {
  const history = Array.from({ length: 15 }, (_, index) => line(15 - index));
  const data = encodeRecord({ target: 't', history });
  expect(decodeRecord('t', data).history.map(({ number }) => number)).toEqual([
    15, 14, 13, 12, 11, 10, 9, 8, 7, 6,
  ]);
});

test('a name with a line break stays within its line', () => {
  const data = encodeRecord({ target: 't', history: [line(1, 'a\nb')] });
  expect(decodeRecord('t', data).history).toEqual([line(1, 'a\nb')]);
});

test.each([{}, { history: 'no json\n{"number":1}\n[]\nnull\n' }, { history: 3, inForce: '{' }])(
  'what cannot be read is left out',
  (data) => {
    expect(decodeRecord('t', data)).toEqual({ target: 't', inForce: undefined, history: [] });
  },
);
