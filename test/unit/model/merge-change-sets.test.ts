import { expect, test } from 'vitest';
import type { ChangeAction, ObjectChange } from '../../../src/model/change-set.ts';
import { mergeChangeSets } from '../../../src/model/merge-change-sets.ts';

function change(name: string, action: ChangeAction, more: Partial<ObjectChange> = {}): ObjectChange {
  const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'loans', name };
  return { ref, action, fields: [], ...more };
}

const notice = { kind: 'recreated', summary: 'deleted and recreated' } as const;
const field = { path: 'data.a', before: '1', after: '2' };

test.each<[string, ObjectChange, ObjectChange | undefined, ObjectChange]>([
  ['created, then found unchanged', change('a', 'created'), change('a', 'unchanged'), change('a', 'created')],
  [
    'configured, then found unchanged',
    change('a', 'configured', { fields: [field] }),
    change('a', 'unchanged'),
    change('a', 'configured', { fields: [field] }),
  ],
  ['created, then not reached', change('a', 'created'), change('a', 'skipped'), change('a', 'created')],
  ['created, then missing in the later attempt', change('a', 'created'), undefined, change('a', 'created')],
  ['pruned, then missing in the later attempt', change('a', 'pruned'), undefined, change('a', 'pruned')],
  [
    'created, then changed again',
    change('a', 'created'),
    change('a', 'configured', { fields: [field] }),
    change('a', 'created'),
  ],
  [
    'recreated, then changed again',
    change('a', 'recreated', { notice }),
    change('a', 'configured', { fields: [field] }),
    change('a', 'recreated', { fields: [field], notice }),
  ],
  ['recreated, then not reached', change('a', 'recreated'), change('a', 'skipped'), change('a', 'recreated')],
  [
    'sent without a response, then found unchanged',
    change('a', 'failed', { attempted: 'created' }),
    change('a', 'unchanged'),
    change('a', 'created'),
  ],
  [
    'sent without a response, then not reached',
    change('a', 'failed', { attempted: 'created' }),
    change('a', 'skipped'),
    change('a', 'failed', { attempted: 'created' }),
  ],
  ['interrupted, then created', change('a', 'failed'), change('a', 'created'), change('a', 'created')],
  ['created, then refused', change('a', 'created'), change('a', 'failed'), change('a', 'failed')],
  [
    'not reached, then configured',
    change('a', 'skipped'),
    change('a', 'configured'),
    change('a', 'configured'),
  ],
])('an object that was %s', (_, earlier, later, expected) => {
  const merged = mergeChangeSets({ changes: [earlier] }, { changes: later ? [later] : [] });

  expect(merged).toEqual({ changes: [expected] });
});
