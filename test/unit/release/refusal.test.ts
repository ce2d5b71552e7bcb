import { expect, test } from 'vitest';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import type { Release } from '../../../src/model/release.ts';
import type { ReleaseStore } from '../../../src/ports/releases.ts';
import { refusalOf } from '../../../src/release/refusal.ts';
import { aTarget } from '../../support/targets.ts';

const target = aTarget({ app: 'web', namespace: 'loans' });
const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'loans', name: 'settings' };
const refused: ObjectChange = {
  ref,
  source: { file: 'web/settings.yaml', line: 3 },
  action: 'failed',
  fields: [],
  failure: {
    code: 'OBJECT_OWNED',
    summary: 'it belongs to target other',
    hint: 'Remove it.',
    details: { owner: { target: 'other' } },
  },
};
const last = { id: 'other-7', target: 'other' } as Release;
const source = { file: 'batch/all.yaml', line: 20 };
const rendered: ObjectChange = { ref, source, action: 'unchanged', fields: [] };
const owner = {
  record: async () => ({ target, handled: 1, well: true, last, losses: 0, tookFrom: [] }),
  find: async () => ({ ...last, changeSet: { changes: [rendered] } }),
};
const expired = { record: async () => undefined, find: async () => undefined };

const { signal } = new AbortController();

/** Nothing is rendered here: the owner's release has ended, or its record has expired. */
function refusal(releases: Pick<ReleaseStore, 'record' | 'find'>, others: ObjectChange[] = []) {
  return refusalOf([refused, ...others], { releases } as Parameters<typeof refusalOf>[1], signal);
}

test('the failure for an object of two apps names both files', async () => {
  expect(await refusal(owner)).toEqual({
    ...refused.failure,
    object: ref,
    place: refused.source,
    details: { owner: { target: 'other', place: source } },
  });
});

test('the failure names only the owner if the record of its last release has expired', async () => {
  expect((await refusal(expired)).details?.owner).toEqual({ target: 'other', place: undefined });
});

test('the failure counts the other objects that failed', async () => {
  expect((await refusal(expired, [rendered, rendered])).details).toMatchObject({ moreObjects: 2 });
});
