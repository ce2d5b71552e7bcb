import { expect, test } from 'vitest';
import { missingKindOf } from '../../../src/kube/explain/missing-kind.ts';

const served = [
  ['apps', 'v1', 'Deployment'],
  ['apps', 'v1', 'DaemonSet'],
  ['', 'v1', 'Service'],
  ['networking.k8s.io', 'v1', 'Ingress'],
  ['networking.k8s.io', 'v1beta1', 'Ingress'],
].map(([group = '', version = '', kind = '']) => ({
  group,
  version,
  kind,
  resource: '',
  namespaced: true,
  verbs: [],
}));

test.each([
  [
    'another version',
    'apps',
    'v1beta1',
    'Deployment',
    'The cluster serves it as apps/v1: change apiVersion.',
  ],
  [
    'another group',
    'extensions',
    'v1beta1',
    'Ingress',
    'The cluster serves it as networking.k8s.io/v1: change apiVersion.',
  ],
  [
    'a group with a typing mistake',
    'app',
    'v1',
    'Deployment',
    'The cluster serves it as apps/v1: change apiVersion.',
  ],
  ['a kind with a typing mistake', 'apps', 'v1', 'Deploymnet', 'Did you mean kind: Deployment?'],
])('%s is suggested', (_, group, version, kind, hint) => {
  expect(missingKindOf({ group, version, kind }, 'prod', served).hint).toBe(hint);
});

test('a kind of another group with the name of a built-in kind is not suggested', () => {
  const { what, hint } = missingKindOf(
    { group: 'serving.knative.dev', version: 'v1', kind: 'Service' },
    'prod',
    served,
  );
  expect(what).toBe('cluster prod has no kind Service in serving.knative.dev/v1');
  expect(hint).toMatch(/^Add the CustomResourceDefinition to this app/);
});
