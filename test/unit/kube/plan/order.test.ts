import { expect, test } from 'vitest';
import { inWaves } from '../../../../src/kube/plan/order.ts';
import { groupKind } from '../../../../src/model/object.ts';

function waves(...kinds: string[]): string[][] {
  const refs = kinds.map((text) => {
    const [kind = '', ...group] = text.split('.');
    return { kind, group: group.join('.') };
  });
  return inWaves(refs, (ref) => ref).map((wave) => wave.map(groupKind));
}

test('what others need comes before them, and what judges requests comes last', () => {
  expect(
    waves(
      'MutatingWebhookConfiguration.admissionregistration.k8s.io',
      'Certificate.cert-manager.io',
      'Ingress.networking.k8s.io',
      'Deployment.apps',
      'Service',
      'RoleBinding.rbac.authorization.k8s.io',
      'Role.rbac.authorization.k8s.io',
      'ConfigMap',
      'CustomResourceDefinition.apiextensions.k8s.io',
      'Namespace',
    ),
  ).toEqual([
    ['Namespace'],
    ['CustomResourceDefinition.apiextensions.k8s.io'],
    ['Role.rbac.authorization.k8s.io', 'ConfigMap'],
    ['Service', 'RoleBinding.rbac.authorization.k8s.io'],
    ['Deployment.apps'],
    ['Certificate.cert-manager.io', 'Ingress.networking.k8s.io'],
    ['MutatingWebhookConfiguration.admissionregistration.k8s.io'],
  ]);
});

test('a custom resource that is named like a built-in kind is none', () => {
  expect(waves('Namespace.example.com', 'Deployment.apps')).toEqual([
    ['Deployment.apps'],
    ['Namespace.example.com'],
  ]);
});

test('within a wave the order of the files stays', () => {
  expect(waves('Secret', 'ConfigMap', 'ServiceAccount')).toEqual([['Secret', 'ConfigMap', 'ServiceAccount']]);
});
