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

test('each object has one failed change that carries all of its violations', () => {
  const violations = [violation('a', 'first'), violation('b', 'other'), violation('a', 'second')];
  const [a, b] = violations.map(({ object, place }) => ({ object, place }));
  expect(failedChanges(violations)).toEqual([
    {
      ref: a?.object,
      source: a?.place,
      action: 'failed',
      fields: [],
      failure: {
        code: 'RULE_REFUSED',
        summary: 'first',
        hint: 'Ask.',
        ...a,
        details: { causes: [{ summary: 'second' }] },
      },
    },
    {
      ref: b?.object,
      source: b?.place,
      action: 'failed',
      fields: [],
      failure: { code: 'RULE_REFUSED', summary: 'other', hint: 'Ask.', ...b },
    },
  ]);
});

test('an object that is not valid is an invalid object, not a refused one', () => {
  const [change] = failedChanges([violation('a', 'no kind', { engine: 'objects' })]);
  expect(change?.failure?.code).toBe('OBJECT_INVALID');
});

test('malformed objects without a name are told apart by their places', () => {
  const violations = [violation('', 'no name'), violation('', 'no name', { place: { file: 'db.yaml' } })];
  expect(failedChanges(violations).map(({ source }) => source)).toEqual([
    { file: 'web.yaml', line: 3 },
    { file: 'db.yaml' },
  ]);
});
