import { expect, test } from 'vitest';
import {
  boundChangeSet,
  type FieldChange,
  type ObjectChange,
  summarize,
} from '../../../src/model/change-set.ts';

function changed(name: string, fields: FieldChange[], more: Partial<ObjectChange> = {}): ObjectChange {
  const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'loans', name };
  return { ref, action: 'configured', fields, ...more };
}

function fieldsOf(count: number, bytes = 10): FieldChange[] {
  return Array.from({ length: count }, (_, index) => ({ path: `data.k${index}`, after: 'x'.repeat(bytes) }));
}

test('a change set of usual size is not changed', () => {
  const set = { changes: [changed('a', fieldsOf(100)), changed('b', [])] };

  expect(boundChangeSet(set)).toEqual(set);
});

test.each([
  ['many fields', 10_000, 10, 100],
  ['long values', 60, 4_000, 24],
])('an object of %s keeps the first ones, and the others are counted', (_what, count, bytes, kept) => {
  const [object] = boundChangeSet({ changes: [changed('big', fieldsOf(count, bytes))] }).changes;

  expect(object?.fields).toEqual(fieldsOf(kept, bytes));
  expect(object?.moreFields).toBe(count - kept);
});

test('a change set of a thousand large objects is bounded and keeps every object', () => {
  const changes = Array.from({ length: 1_000 }, (_, index) => changed(`big-${index}`, fieldsOf(20, 1_000)));

  const set = boundChangeSet({ changes });

  expect(JSON.stringify(set).length).toBeLessThan(2_300_000);
  expect(set.changes).toHaveLength(1_000);
  expect(set.changes.at(-1)).toMatchObject({ action: 'configured', fields: [], moreFields: 20 });
});

test('a bounded change set does not change if it is bounded again', () => {
  const once = boundChangeSet({ changes: [changed('big', fieldsOf(150))] });

  expect(boundChangeSet(once)).toEqual(once);
});

test('a change set keeps the first twenty warnings of the files', () => {
  const warnings = Array.from({ length: 30 }, (_, index) => `file ${index}`);

  const set = boundChangeSet({ changes: [], warnings });

  expect(set.warnings).toHaveLength(21);
  expect(set.warnings?.at(-1)).toBe('… and 10 more warnings');
  expect(boundChangeSet({ changes: [], warnings: ['one'] })).toEqual({ changes: [], warnings: ['one'] });
});

test('a summary counts the warnings of the API server', () => {
  const warned = (...warnings: string[]) => changed('a', [], { action: 'created', warnings });
  expect(summarize({ changes: [warned('x')] })).toBe('1 created; 1 warning');
  expect(summarize({ changes: [warned('x', 'y'), warned()] })).toBe('2 created; 2 warnings');
});
