import { expect, test } from 'vitest';
import { inWaves } from '../../../../src/kube/plan/order.ts';
import { groupKind, refOf } from '../../../../src/model/object.ts';

function waves(...kinds: string[]): string[][] {
  const objects = kinds.map((text) => {
    const [kind = '', ...group] = text.split('.');
    const apiVersion = group.length === 0 ? 'v1' : `${group.join('.')}/v1`;
    return { apiVersion, kind, metadata: {} };
  });
  return inWaves(objects, (object) => object).map((wave) => wave.map((one) => groupKind(refOf(one))));
}

test('what others need is applied before them, and what decides about requests comes last', () => {
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

test('a custom resource with the name of a built-in kind is not treated as that kind', () => {
  expect(waves('Namespace.example.com', 'Deployment.apps')).toEqual([
    ['Deployment.apps'],
    ['Namespace.example.com'],
  ]);
});

test('objects keep the order of the files within a wave', () => {
  expect(waves('Secret', 'ConfigMap', 'ServiceAccount')).toEqual([['Secret', 'ConfigMap', 'ServiceAccount']]);
});

test('a token comes after the account that it is for, another Secret beside it', () => {
  const secret = (type: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: {}, type });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: {} };
  const [token, opaque] = [secret('kubernetes.io/service-account-token'), secret('Opaque')];

  expect(inWaves([token, opaque, account], (object) => object)).toEqual([[opaque, account], [token]]);
});
