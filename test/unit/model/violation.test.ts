import { expect, test } from 'vitest';
import { failedChanges, type Violation } from '../../../src/model/violation.ts';

const violation = (name: string, message: string, more: Partial<Violation> = {}): Violation => ({
  engine: 'operator',
  rule: 'namespace',
  mode: 'enforce',
  object: { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'data', name },
  place: { file: 'web.yaml', line: 3 },
  message,
  hint: 'Ask.',
  ...more,
});

test('each object has one failed change with all that is said against it', () => {
  const violations = [violation('a', 'first'), violation('b', 'other'), violation('a', 'second')];
  expect(failedChanges(violations)).toEqual([
    {
      ref: violations[0]?.object,
      source: 'web.yaml:3',
      action: 'failed',
      fields: [],
      reason: 'first; second',
      hint: 'Ask.',
    },
    {
      ref: violations[1]?.object,
      source: 'web.yaml:3',
      action: 'failed',
      fields: [],
      reason: 'other',
      hint: 'Ask.',
    },
  ]);
});

test('malformed objects without a name are told apart by their places', () => {
  const violations = [violation('', 'no name'), violation('', 'no name', { place: { file: 'db.yaml' } })];
  expect(failedChanges(violations).map(({ source }) => source)).toEqual(['web.yaml:3', 'db.yaml']);
});
