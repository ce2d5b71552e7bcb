import { expect, test } from 'vitest';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import { pruneGuarded } from '../../../src/release/prune.ts';
import { aTarget } from '../../support/targets.ts';

const target = aTarget({ app: 'web', namespace: 'loans' });
const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'loans', name: 'old' };

function prune(changes: ObjectChange[]) {
  const work = { target, desired: { cause: {} }, lease: {} } as Parameters<typeof pruneGuarded>[0];
  const run = { prune: async () => ({ changes }) } as unknown as Parameters<typeof pruneGuarded>[1];
  return pruneGuarded(work, run, [], {} as Parameters<typeof pruneGuarded>[3]);
}

test('what is still there is said by the first, with how many there are', async () => {
  const first: ObjectChange = {
    ref,
    action: 'pruned',
    fields: [],
    reason: 'it is being deleted',
    stays: true,
  };
  const second: ObjectChange = { ref, action: 'skipped', fields: [], reason: 'kept until …', stays: true };
  expect(await prune([first, second])).toMatchObject({
    unfinished: true,
    reason: 'not deleted: ConfigMap old: it is being deleted; and 1 more',
  });
});

test('what cannot be deleted is said, with the next step', async () => {
  const reason = 'the account deployer may not delete configmaps in namespace loans';
  const change: ObjectChange = {
    ref,
    action: 'failed',
    fields: [],
    reason,
    hint: 'Bind a Role.',
    stays: true,
  };
  expect(await prune([change])).toEqual({
    changes: [change],
    unfinished: true,
    reason: `not deleted: ConfigMap old: ${reason}`,
    hint: 'Bind a Role.',
  });
});

test('what was deleted needs no words', async () => {
  const change: ObjectChange = { ref, action: 'pruned', fields: [] };
  expect(await prune([change])).toEqual({ changes: [change] });
});
