import { expect, test } from 'vitest';
import {
  applySetId,
  covers,
  inventoryAnnotations,
  parentName,
  parseGroupKind,
  readInventory,
  toolOf,
} from '../../../../src/kube/inventory/applyset.ts';

test('the id of a set is the one kubectl computes', () => {
  expect(applySetId({ name: 'my-set', namespace: 'test' }, 'Secret', '')).toBe(
    'applyset-0eFHV8ySqp7XoShsGvyWFQD3s96yqwHmzc4e0HR1dsY-v1',
  );
});

test('a parent is named after its app and environment, and two repositories never share one', () => {
  const name = (repository: string) =>
    parentName(
      { repository, app: 'loan-service', environment: 'production' },
      `${repository}//loan-service@production`,
    );
  expect(name('github/acme/loans')).toMatch(/^slipway-loan-service-production-[0-9a-f]{32}$/);
  expect(name('github/acme/loans')).not.toBe(name('github/acme/other'));
});

test.each([
  ['Loan_Service', 'prod.eu'],
  ['x'.repeat(300), 'production'],
  [`${'x'.repeat(225)}-`, 'production'],
])('the parent of app %s has a name that Kubernetes accepts', (app, environment) => {
  const name = parentName(
    { repository: 'github/a/b', app, environment },
    `github/a/b//${app}@${environment}`,
  );
  expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
  expect(name.length).toBeLessThanOrEqual(253);
});

test('an inventory is written sorted and read back', () => {
  const inventory = {
    groupKinds: new Set(['Service', 'Deployment.apps', 'ConfigMap']),
    namespaces: new Set(['loans', 'data']),
  };
  const annotations = inventoryAnnotations(inventory, 'slipway');
  expect(annotations).toEqual({
    'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,Deployment.apps,Service',
    'applyset.kubernetes.io/additional-namespaces': 'data,loans',
  });
  expect(readInventory(annotations, 'slipway')).toEqual(inventory);
});

test('the namespace of the parent is not an additional one, and still belongs to the inventory', () => {
  const inventory = { groupKinds: new Set(['ConfigMap']), namespaces: new Set(['slipway']) };
  const annotations = inventoryAnnotations(inventory, 'slipway');
  expect(annotations['applyset.kubernetes.io/additional-namespaces']).toBe('');
  expect(readInventory(annotations, 'slipway')).toEqual(inventory);
});

test('an inventory covers another only if it has all its kinds and namespaces', () => {
  const inventory = (kinds: string[], namespaces: string[]) => ({
    groupKinds: new Set(kinds),
    namespaces: new Set(namespaces),
  });
  const wide = inventory(['A', 'B'], ['x', 'y']);
  expect(covers(wide, inventory(['A'], ['x']))).toBe(true);
  expect(covers(wide, inventory(['C'], ['x']))).toBe(false);
  expect(covers(wide, inventory(['A'], ['z']))).toBe(false);
});

test('the kind of a group kind ends at the first dot', () => {
  expect(parseGroupKind('Certificate.cert-manager.io')).toEqual({
    kind: 'Certificate',
    group: 'cert-manager.io',
  });
  expect(parseGroupKind('Secret')).toEqual({ kind: 'Secret', group: '' });
});

test('the tool is the text before the last slash', () => {
  expect(toolOf('slipway/0.1.0')).toBe('slipway');
  expect(toolOf('acme/tool/v1')).toBe('acme/tool');
});
