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
  source: 'web/settings.yaml:3',
  action: 'failed',
  fields: [],
  reason: 'it belongs to target other',
  hint: 'Remove it.',
  ownedBy: 'other',
};
const last = { id: 'other-7' } as Release;
const rendered: ObjectChange = { ref, source: 'batch/all.yaml:20', action: 'unchanged', fields: [] };
const owner = {
  record: async () => ({ target, handled: 1, well: true, last, tookFrom: [] }),
  find: async () => ({ ...last, changeSet: { changes: [rendered] } }),
};
const forgotten = { record: async () => undefined, find: async () => undefined };

const { signal } = new AbortController();

/** Nothing is rendered here: both releases have ended, or nobody knows of them. */
function refusal(releases: Pick<ReleaseStore, 'record' | 'find'>) {
  return refusalOf(target, [refused], { releases } as Parameters<typeof refusalOf>[2], signal);
}

test('an object of two apps is told with the files of both', async () => {
  expect(await refusal(owner)).toEqual({
    reason:
      'web/settings.yaml:3: ConfigMap settings: it belongs to target other, which renders it from batch/all.yaml:20',
    hint: 'Remove it.',
  });
});

test('where the other app’s last release is forgotten, its name is all there is to say', async () => {
  const { reason } = await refusal(forgotten);
  expect(reason).toBe('web/settings.yaml:3: ConfigMap settings: it belongs to target other');
});

test('of several objects the others are counted', async () => {
  const ports = { releases: forgotten } as unknown as Parameters<typeof refusalOf>[2];
  const { reason } = await refusalOf(target, [refused, rendered, rendered], ports, signal);
  expect(reason).toMatch(/it belongs to target other; 2 more objects failed too$/);
});
