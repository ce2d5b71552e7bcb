import { expect, test } from 'vitest';
import { withoutSuccessor } from '../../../../src/kube/prune/turned-over.ts';
import { type KubeObject, refKey, refOf } from '../../../../src/model/object.ts';

interface Shape {
  kind?: string;
  namespace?: string;
  labels?: Record<string, string>;
  createdAt?: string;
}

function object(
  name: string,
  { kind = 'ConfigMap', namespace = 'loans', labels, createdAt }: Shape = {},
): KubeObject {
  const metadata = {
    name,
    namespace,
    ...(labels && { labels }),
    ...(createdAt && { creationTimestamp: createdAt }),
  };
  return { apiVersion: 'v1', kind, metadata };
}

/** The names of those that nothing replaces; `live` members are those of before that are still rendered. */
function lost(doomed: KubeObject[], rendered: KubeObject[], live: KubeObject[] = []): (string | undefined)[] {
  const members = new Map([...doomed, ...live].map((one) => [refKey(refOf(one)), one]));
  const all = rendered.map((one) => ({ object: one, source: { file: 'a.yaml' } }));
  return withoutSuccessor(doomed, all, members).map(({ metadata }) => metadata.name);
}

const old = 'conf-4g2mkth6b9';
const older = 'conf-8f5d7kc2tb';
const next = 'conf-bh52cm7tgk';
const labels = { app: 'web' };

test.each<[string, KubeObject, KubeObject, boolean]>([
  ['Kustomize’s hash', object(old), object(next), true],
  ['a checksum of a chart', object('web-config-1f0c3d9e'), object('web-config-a81b04ff'), true],
  ['a checksum in the middle', object('web-1f0c3d9e-config'), object('web-a81b04ff-config'), true],
  ['equal labels', object(old, { labels }), object(next, { labels }), true],
  [
    'labels that differ only in a version',
    object(old, {
      labels: { ...labels, 'helm.sh/chart': 'web-1.0.0', 'applyset.kubernetes.io/part-of': 'set' },
    }),
    object(next, { labels: { ...labels, 'helm.sh/chart': 'web-1.1.0' } }),
    true,
  ],
  ['other labels', object(old, { labels }), object(next, { labels: { app: 'jobs' } }), false],
  ['another kind', object(old), object(next, { kind: 'Secret' }), false],
  ['another namespace', object(old), object(next, { namespace: 'other' }), false],
  ['another generator', object(old), object('settings-bh52cm7tgk'), false],
  ['a name without a hash', object('conf-old'), object('conf-new'), false],
  ['a word in hex', object('web-facade'), object('web-decade'), false],
])('an object is replaced, or not, by one with %s', (_what, before, after, isReplaced) => {
  expect(lost([before], [after])).toEqual(isReplaced ? [] : [before.metadata.name]);
});

test('all older objects of a Kustomize generator are replaced, also those that failed releases left', () => {
  expect(lost([object(older), object(old)], [object(next)])).toEqual([]);
});

test('one object with a checksum replaces one older object', () => {
  const doomed = ['web-1f0c3d9e', 'web-2f0c3d9e', 'web-3f0c3d9e'].map((name) => object(name));
  expect(lost(doomed, [object('web-a81b04ff')])).toEqual(['web-2f0c3d9e', 'web-3f0c3d9e']);
});

test('an object that stood beside the deleted ones replaces none of them', () => {
  const createdAt = '2026-11-30T10:00:00Z';
  const stays = object('item-a81b04ff', { createdAt });
  expect(lost([object('item-1f0c3d9e', { createdAt })], [stays], [stays])).toEqual(['item-1f0c3d9e']);
});

test('an object that a failed release created replaces the one before it', () => {
  const before = object('web-1f0c3d9e', { createdAt: '2026-11-30T10:00:00Z' });
  const failed = object('web-a81b04ff', { createdAt: '2026-11-30T11:00:00Z' });
  expect(lost([before], [failed], [failed])).toEqual([]);
});
