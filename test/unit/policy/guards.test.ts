import { expect, test } from 'vitest';
import type { ProjectConfig } from '../../../src/config/server-config.ts';
import { SlipwayError } from '../../../src/errors.ts';
import { describeRef, type KubeObject, type RenderedObject, refOf } from '../../../src/model/object.ts';
import { createGuards } from '../../../src/policy/guards.ts';
import { knownKinds, manifest, operator, rule, targetWith } from './operator.ts';

const crd = (scope: string) =>
  manifest(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { name: 'widgets.acme.io' },
    {
      spec: { group: 'acme.io', names: { kind: 'Widget' }, scope },
    },
  );
const widget = manifest('acme.io/v1', 'Widget', { name: 'w' });
const crdAllowed = { clusterScoped: ['CustomResourceDefinition.apiextensions.k8s.io'] };
const creates = { clusters: { prod: { ...rule, createNamespaces: true } } };

function check(objects: RenderedObject[], project: Partial<ProjectConfig> = {}) {
  return createGuards(operator({ lending: project })).check(targetWith(), objects, knownKinds);
}

test('objects without namespace get the target’s, others keep theirs', async () => {
  const written = [
    manifest('v1', 'ConfigMap', { name: 'a' }),
    manifest('v1', 'ConfigMap', { name: 'b', namespace: 'loan-7' }),
    manifest('v1', 'ConfigMap', { name: 'c', namespace: '' }),
  ];
  const checked = await check(written);
  expect(checked.map(({ object }) => describeRef(refOf(object)))).toEqual([
    'ConfigMap loans/a',
    'ConfigMap loan-7/b',
    'ConfigMap loans/c',
  ]);
  expect(written[0]?.object.metadata).toEqual({ name: 'a' });
});

test.each<[string, RenderedObject, Partial<ProjectConfig>]>([
  [
    'a kind outside namespaces that is listed',
    manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', { name: 'r' }),
    { clusterScoped: ['ClusterRole.rbac.authorization.k8s.io'] },
  ],
  [
    'a core kind that is listed',
    manifest('v1', 'PersistentVolume', { name: 'r' }),
    { clusterScoped: ['PersistentVolume'] },
  ],
  [
    'a namespace that fits, where namespaces may be created',
    manifest('v1', 'Namespace', { name: 'loan-9' }),
    creates,
  ],
  [
    'any namespace where the kind is listed',
    manifest('v1', 'Namespace', { name: 'data' }),
    { clusterScoped: ['Namespace'] },
  ],
  ['an object named by the API server', manifest('v1', 'ConfigMap', { generateName: 'a-' }), {}],
])('%s is allowed', async (_, object, project) => {
  expect(await check([object], project)).toHaveLength(1);
});

test('a namespace on a cluster-scoped object is dropped, as the API server does', async () => {
  const role = manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', {
    name: 'r',
    namespace: 'kube-system',
  });
  const [checked] = await check([role], { clusterScoped: ['ClusterRole.rbac.authorization.k8s.io'] });
  expect(checked?.object.metadata).toEqual({ name: 'r' });
});

test.each<[string, RenderedObject, Partial<ProjectConfig>, string, string]>([
  [
    'another namespace',
    manifest('v1', 'ConfigMap', { name: 'a', namespace: 'kube-system' }),
    {},
    'ConfigMap kube-system/a: project "lending" may not write to namespace kube-system',
    'projects.lending.clusters.prod.namespaces',
  ],
  [
    "Slipway's own namespace",
    manifest('v1', 'ConfigMap', { name: 'a', namespace: 'slipway' }),
    { clusters: { prod: { ...rule, namespaces: ['*'] } } },
    "ConfigMap slipway/a: namespace slipway is Slipway's own",
    'Choose another',
  ],
  [
    'a kind outside namespaces',
    manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', { name: 'r' }),
    {},
    'ClusterRole r: project "lending" may not write ClusterRole.rbac.authorization.k8s.io',
    'projects.lending.clusterScoped',
  ],
  [
    'a kind outside namespaces that names an allowed one',
    manifest('v1', 'PersistentVolume', { name: 'r', namespace: 'loans' }),
    {},
    'PersistentVolume r: project',
    'add "PersistentVolume"',
  ],
  [
    'a kind of which only another group is listed',
    manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', { name: 'r' }),
    { clusterScoped: ['ClusterRole', 'ClusterRole.acme.io'] },
    'may not write ClusterRole',
    'add "ClusterRole.rbac',
  ],
  [
    'the binding of a kind that is listed',
    manifest('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', { name: 'r' }),
    { clusterScoped: ['ClusterRole.rbac.authorization.k8s.io'] },
    'may not write ClusterRoleBinding',
    'add "ClusterRoleBinding.rbac',
  ],
  [
    'a definition',
    crd('Namespaced'),
    {},
    'may not write CustomResourceDefinition.apiextensions.k8s.io',
    'clusterScoped',
  ],
  [
    'a namespace that fits',
    manifest('v1', 'Namespace', { name: 'loan-9' }),
    {},
    'Namespace loan-9: project "lending" may not create namespaces',
    'createNamespaces',
  ],
  [
    'a namespace that does not fit',
    manifest('v1', 'Namespace', { name: 'data' }),
    {},
    'may not create namespaces',
    'Remove the object',
  ],
  [
    'a namespace that does not fit, where others may be created',
    manifest('v1', 'Namespace', { name: 'data' }),
    creates,
    'may not write to namespace data',
    'namespaces',
  ],
  [
    "Slipway's own as an object, though the kind is listed",
    manifest('v1', 'Namespace', { name: 'slipway' }),
    { clusterScoped: ['Namespace'] },
    "namespace slipway is Slipway's own",
    'Choose another',
  ],
])('%s is refused with object, file, rule and remedy', async (_, object, project, message, remedy) => {
  const error = await refusalOf(check([object], project));
  expect(error.code).toBe('RULE_REFUSED');
  expect(error.message).toContain(message);
  expect(error.hint).toContain(remedy);
  expect(error.place).toEqual(object.source);
  expect(error.object).toBeDefined();
});

test('one refused object among many refuses them all', async () => {
  const good = manifest('v1', 'ConfigMap', { name: 'a' });
  const bad = manifest('v1', 'Secret', { name: 'b', namespace: 'data' });
  expect((await refusalOf(check([good, bad, good]))).place).toEqual(bad.source);
});

test('what the target itself is refused for refuses its objects too', async () => {
  const guards = createGuards(operator());
  const objects = [manifest('v1', 'ConfigMap', { name: 'a', namespace: 'loans' })];
  const error = await refusalOf(guards.check(targetWith({ branch: 'x' }), objects, knownKinds));
  expect(error.code).toBe('RULE_REFUSED');
});

test.each([
  ['Namespaced', 'Widget loans/w'],
  ['Cluster', undefined],
])('a kind whose definition (%s) comes in the same set has its scope', async (scope, expected) => {
  const checking = check([widget, crd(scope)], crdAllowed);
  if (expected === undefined) {
    expect((await refusalOf(checking)).message).toContain('may not write Widget.acme.io');
  } else {
    expect(describeRef(refOf((await checking)[0]?.object ?? widget.object))).toBe(expected);
  }
});

test('a definition cannot move a kind of the cluster into namespaces', async () => {
  const lie = manifest(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { name: 'x' },
    {
      spec: { group: 'rbac.authorization.k8s.io', names: { kind: 'ClusterRole' }, scope: 'Namespaced' },
    },
  );
  const role = manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', { name: 'r', namespace: 'loans' });
  expect((await refusalOf(check([lie, role], crdAllowed))).message).toContain('may not write ClusterRole');
});

test.each<[string, KubeObject[]]>([
  ['a kind that nobody knows', [widget.object]],
  ['a kind whose definition does not say its scope', [widget.object, crd('Sometimes').object]],
  ['a list', [manifest('v1', 'List', { name: 'l' }).object]],
])('%s is refused, since no rule can be asked about it', async (_, objects) => {
  const rendered = objects.map((object) => ({ object, source: { file: 'f.yaml' } }));
  const error = await refusalOf(check(rendered, crdAllowed));
  expect(error.code).toBe('OBJECT_INVALID');
  expect(error.message).toMatch(/: no kind (Widget|List) here$/);
});

test('a kind that comes while the release runs is judged as one of a namespace', async () => {
  const annotations = { 'argocd.argoproj.io/sync-options': 'SkipDryRunOnMissingResource=true' };
  const [later] = await check([manifest('acme.io/v1', 'Widget', { name: 'w', annotations })]);
  expect(later?.object.metadata.namespace).toBe('loans');

  const elsewhere = { name: 'w', namespace: 'kube-system', annotations };
  const error = await refusalOf(check([manifest('acme.io/v1', 'Widget', elsewhere)]));
  expect(error.code).toBe('RULE_REFUSED');
});

test.each<[string, unknown]>([
  [
    'a version that is a path',
    { apiVersion: 'apps/v1/namespaces/kube-system', kind: 'Deployment', metadata: { name: 'a' } },
  ],
  ['a version with a query', { apiVersion: 'v1?x', kind: 'ConfigMap', metadata: { name: 'a' } }],
  ['a kind that is a path', { apiVersion: 'v1', kind: 'ConfigMap/..', metadata: { name: 'a' } }],
  [
    'a name that leads to another address',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '../../kube-system/configmaps/a' } },
  ],
  ['a name of two dots', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '..' } }],
  ['a name that is encoded', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a%2Fb' } }],
  ['a name that is a number', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 1 } }],
  ['no name', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }],
  [
    'a namespace that is a path',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'loan-/../kube-system' } },
  ],
  [
    'a namespace that is a list',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: ['loans'] } },
  ],
])('%s is refused before any rule is asked', async (_, object) => {
  const wide = { clusters: { prod: { ...rule, namespaces: ['*', '**'] } } };
  const rendered = { object: object as KubeObject, source: { file: 'f.yaml', line: 3 } };
  const error = await refusalOf(check([rendered], wide));
  expect(error.code).toBe('OBJECT_INVALID');
  expect(error.place).toEqual({ file: 'f.yaml', line: 3 });
});

test('the same object twice is refused with both files, whatever version and namespace are written', async () => {
  const first = manifest('apps/v1', 'Deployment', { name: 'a' });
  const second = {
    ...manifest('apps/v1beta1', 'Deployment', { name: 'a', namespace: 'loans' }),
    source: { file: 'web/z.yaml' },
  };
  const error = await refusalOf(check([first, second]));
  expect(error.message).toBe('Deployment loans/a: stands twice in this app, also in web/a.yaml:1');
  expect(error.place).toEqual({ file: 'web/z.yaml' });
});

test('the same name of another kind or namespace is another object', async () => {
  const objects = [
    manifest('v1', 'ConfigMap', { name: 'a' }),
    manifest('v1', 'Secret', { name: 'a' }),
    manifest('v1', 'ConfigMap', { name: 'a', namespace: 'loan-2' }),
    manifest('v1', 'ConfigMap', { generateName: 'a-' }),
    manifest('v1', 'ConfigMap', { generateName: 'a-' }),
  ];
  expect(await check(objects)).toHaveLength(5);
});

async function refusalOf(checking: Promise<unknown>): Promise<SlipwayError> {
  try {
    await checking;
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
