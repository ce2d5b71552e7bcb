import { expect, test } from 'vitest';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import type { Notice } from '../../../src/model/notice.ts';
import { pruneGuarded } from '../../../src/release/prune.ts';
import { aTarget } from '../../support/targets.ts';

const target = aTarget({ app: 'web', namespace: 'loans' });
const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'loans', name: 'old' };

function prune(changes: ObjectChange[]) {
  const work = { target, desired: { cause: {} }, lease: {} } as Parameters<typeof pruneGuarded>[0];
  const run = { prune: async () => ({ changes }) } as unknown as Parameters<typeof pruneGuarded>[1];
  return pruneGuarded(work, run, [], {} as Parameters<typeof pruneGuarded>[3]);
}

test('a notice names the first object that still exists and counts all of them', async () => {
  const first: ObjectChange = {
    ref,
    action: 'pruned',
    fields: [],
    notice: { kind: 'being-deleted', summary: 'it is being deleted' },
    stays: true,
  };
  const notice: Notice = { kind: 'kept', summary: 'until …' };
  const second: ObjectChange = { ref, action: 'skipped', fields: [], notice, stays: true };
  expect(await prune([first, second])).toMatchObject({
    unfinished: true,
    notices: [{ kind: 'not-deleted', summary: 'it is being deleted', objects: [ref], count: 2 }],
  });
});

test('a notice names the cause and the next step if an object could not be deleted', async () => {
  const summary = 'the account deployer may not delete configmaps in namespace loans';
  const change: ObjectChange = {
    ref,
    action: 'failed',
    fields: [],
    failure: { code: 'CLUSTER_FORBIDDEN', summary, hint: 'Bind a Role.' },
    stays: true,
  };
  expect(await prune([change])).toEqual({
    changes: [change],
    unfinished: true,
    notices: [{ kind: 'not-deleted', summary, hint: 'Bind a Role.', objects: [ref], count: 1 }],
  });
});

test('a prune that deleted all objects has no notice', async () => {
  const change: ObjectChange = { ref, action: 'pruned', fields: [] };
  expect(await prune([change])).toEqual({ changes: [change] });
});
