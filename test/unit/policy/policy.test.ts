import { expect, test } from 'vitest';
import type { ProjectConfig } from '../../../src/config/server-config.ts';
import { describeRef, type KubeObject, type RenderedObject, refOf } from '../../../src/model/object.ts';
import type { Violation } from '../../../src/model/violation.ts';
import { createEngines } from '../../../src/policy/engines.ts';
import { createPolicy } from '../../../src/policy/policy.ts';
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

async function evaluate(
  objects: RenderedObject[],
  project: Partial<ProjectConfig> = {},
  target = targetWith(),
) {
  const policy = createPolicy(createEngines(operator({ lending: project })));
  const assigned = await policy.assignNamespaces(target, objects, knownKinds);
  const violations = [...assigned.violations, ...(await policy.evaluate(target, assigned.objects))];
  return { objects: assigned.objects, violations };
}

/** The objects, which must have no violations. */
async function allowed(objects: RenderedObject[], project?: Partial<ProjectConfig>) {
  const evaluated = await evaluate(objects, project);
  expect(evaluated.violations).toEqual([]);
  return evaluated.objects;
}

/** The violation of objects that have one. */
async function violationOf(objects: RenderedObject[], project?: Partial<ProjectConfig>): Promise<Violation> {
  const { violations } = await evaluate(objects, project);
  expect(violations).toHaveLength(1);
  return violations[0] as Violation;
}

test('assigns the namespace of the target to objects without one, and keeps others', async () => {
  const written = [
    manifest('v1', 'ConfigMap', { name: 'a' }),
    manifest('v1', 'ConfigMap', { name: 'b', namespace: 'loan-7' }),
    manifest('v1', 'ConfigMap', { name: 'c', namespace: '' }),
  ];
  const checked = await allowed(written);
  expect(checked.map(({ object }) => describeRef(refOf(object)))).toEqual([
    'ConfigMap loans/a',
    'ConfigMap loan-7/b',
    'ConfigMap loans/c',
  ]);
  expect(written[0]?.object.metadata).toEqual({ name: 'a' });
});

test.each<[string, RenderedObject, Partial<ProjectConfig>]>([
  [
    'a cluster-scoped kind that is listed',
    manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', { name: 'r' }),
    { clusterScoped: ['ClusterRole.rbac.authorization.k8s.io'] },
  ],
  [
    'a core kind that is listed',
    manifest('v1', 'PersistentVolume', { name: 'r' }),
    { clusterScoped: ['PersistentVolume'] },
  ],
  [
    'a namespace that matches, if namespaces may be created',
    manifest('v1', 'Namespace', { name: 'loan-9' }),
    creates,
  ],
  [
    'any namespace if the kind is listed',
    manifest('v1', 'Namespace', { name: 'data' }),
    { clusterScoped: ['Namespace'] },
  ],
  ['an object named by the API server', manifest('v1', 'ConfigMap', { generateName: 'a-' }), {}],
])('allows %s', async (_, object, project) => {
  expect(await allowed([object], project)).toHaveLength(1);
});

test('drops the namespace of a cluster-scoped object, as the API server does', async () => {
  const role = manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', {
    name: 'r',
    namespace: 'kube-system',
  });
  const [checked] = await allowed([role], { clusterScoped: ['ClusterRole.rbac.authorization.k8s.io'] });
  expect(checked?.object.metadata).toEqual({ name: 'r' });
});

test.each<[string, RenderedObject, Partial<ProjectConfig>, string, string]>([
  [
    'another namespace',
    manifest('v1', 'ConfigMap', { name: 'a', namespace: 'kube-system' }),
    {},
    'project "lending" may not write to namespace kube-system of cluster prod',
    'projects.lending.clusters.prod.namespaces',
  ],
  [
    "Slipway's own namespace",
    manifest('v1', 'ConfigMap', { name: 'a', namespace: 'slipway' }),
    { clusters: { prod: { ...rule, namespaces: ['*'] } } },
    "namespace slipway is Slipway's own",
    'Choose another',
  ],
  [
    'a cluster-scoped kind',
    manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', { name: 'r' }),
    {},
    'project "lending" may not write ClusterRole.rbac.authorization.k8s.io, a cluster-scoped kind',
    'projects.lending.clusterScoped',
  ],
  [
    'a cluster-scoped kind with an allowed namespace',
    manifest('v1', 'PersistentVolume', { name: 'r', namespace: 'loans' }),
    {},
    'project "lending" may not write PersistentVolume,',
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
    'a namespace that matches',
    manifest('v1', 'Namespace', { name: 'loan-9' }),
    {},
    'project "lending" may not create namespaces on cluster prod',
    'createNamespaces',
  ],
  [
    'a namespace that does not match',
    manifest('v1', 'Namespace', { name: 'data' }),
    {},
    'may not create namespaces',
    'Remove the object',
  ],
  [
    'a namespace that does not match, although others may be created',
    manifest('v1', 'Namespace', { name: 'data' }),
    creates,
    'may not write to namespace data',
    'namespaces',
  ],
  [
    "Slipway's own namespace as an object, although the kind is listed",
    manifest('v1', 'Namespace', { name: 'slipway' }),
    { clusterScoped: ['Namespace'] },
    "namespace slipway is Slipway's own",
    'Choose another',
  ],
])('refuses %s with its object, file, rule and what to do', async (_, object, project, message, remedy) => {
  const violation = await violationOf([object], project);
  expect(violation).toMatchObject({ engine: 'operator', mode: 'enforce', place: object.source });
  expect(violation.message).toContain(message);
  expect(violation.hint).toContain(remedy);
  expect(violation.object.name).toBe(object.object.metadata.name);
});

test('reports every violation: malformed objects, unknown kinds, duplicates and rules', async () => {
  const objects = [
    manifest('v1', 'ConfigMap', { name: 'good' }),
    manifest('v1', 'Secret', { name: 'b', namespace: 'data' }),
    manifest('v1', 'ConfigMap', {}),
    manifest('v1', 'ConfigMap', { name: 'good' }),
    manifest('acme.io/v1', 'Gadget', { name: 'g' }),
    manifest('v1', 'PersistentVolume', { name: 'disk' }),
    manifest('apps/v1/..', 'Deployment', { name: 'd' }),
  ];
  const { objects: assigned, violations } = await evaluate(objects);
  expect(violations.map(({ engine, rule, object }) => `${engine}/${rule} ${describeRef(object)}`)).toEqual([
    'objects/form ConfigMap ',
    'objects/known-kind Gadget g',
    'objects/form Deployment d',
    'objects/unique ConfigMap loans/good',
    'operator/namespace Secret data/b',
    'operator/cluster-scoped PersistentVolume disk',
  ]);
  expect(assigned.map(({ object }) => object.metadata.name)).toEqual(['good', 'b', 'disk']);
});

test('does not evaluate the objects of a target that is not admitted', async () => {
  const objects = [manifest('v1', 'ConfigMap', { name: 'a', namespace: 'loans' })];
  await expect(evaluate(objects, {}, targetWith({ branch: 'x' }))).rejects.toMatchObject({
    code: 'RULE_REFUSED',
  });
});

test.each([
  ['Namespaced', 'Widget loans/w'],
  ['Cluster', undefined],
])('takes the scope of a new kind from its definition (%s) in the same app', async (scope, expected) => {
  const { objects, violations } = await evaluate([widget, crd(scope)], crdAllowed);
  if (expected === undefined) {
    expect(violations[0]?.message).toContain('may not write Widget.acme.io');
  } else {
    expect(violations).toEqual([]);
    expect(describeRef(refOf(objects[0]?.object ?? widget.object))).toBe(expected);
  }
});

test('a definition cannot declare a cluster-scoped kind of the cluster namespaced', async () => {
  const lie = manifest(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { name: 'x' },
    {
      spec: { group: 'rbac.authorization.k8s.io', names: { kind: 'ClusterRole' }, scope: 'Namespaced' },
    },
  );
  const role = manifest('rbac.authorization.k8s.io/v1', 'ClusterRole', { name: 'r', namespace: 'loans' });
  expect((await violationOf([lie, role], crdAllowed)).message).toContain('may not write ClusterRole');
});

test.each<[string, KubeObject[]]>([
  ['an unknown kind', [widget.object]],
  ['a kind whose definition does not say its scope', [widget.object, crd('Sometimes').object]],
  ['a list', [manifest('v1', 'List', { name: 'l' }).object]],
])('%s is a violation, since no rule can be asked about it', async (_, objects) => {
  const rendered = objects.map((object) => ({ object, source: { file: 'f.yaml' } }));
  const violation = await violationOf(rendered, crdAllowed);
  expect(violation).toMatchObject({ engine: 'objects', rule: 'known-kind', hint: 'Correct it.' });
  expect(violation.message).toMatch(/^no kind (Widget|List) here$/);
});

test('evaluates a kind that is defined while the release runs as a namespaced one', async () => {
  const annotations = { 'argocd.argoproj.io/sync-options': 'SkipDryRunOnMissingResource=true' };
  const [later] = await allowed([manifest('acme.io/v1', 'Widget', { name: 'w', annotations })]);
  expect(later?.object.metadata.namespace).toBe('loans');

  const elsewhere = { name: 'w', namespace: 'kube-system', annotations };
  expect((await violationOf([manifest('acme.io/v1', 'Widget', elsewhere)])).rule).toBe('namespace');
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
])('%s is a violation, and no engine sees the object', async (_, object) => {
  const wide = { clusters: { prod: { ...rule, namespaces: ['*', '**'] } } };
  const rendered = { object: object as KubeObject, source: { file: 'f.yaml', line: 3 } };
  const { objects, violations } = await evaluate([rendered], wide);
  expect(objects).toEqual([]);
  expect(violations).toMatchObject([{ engine: 'objects', rule: 'form', place: { file: 'f.yaml', line: 3 } }]);
});

test('reports an object that is defined twice with both files, whatever its version and namespace', async () => {
  const first = manifest('apps/v1', 'Deployment', { name: 'a' });
  const second = {
    ...manifest('apps/v1beta1', 'Deployment', { name: 'a', namespace: 'loans' }),
    source: { file: 'web/z.yaml' },
  };
  const violation = await violationOf([first, second]);
  expect(violation.message).toBe('it is defined twice in this app, also in web/a.yaml:1');
  expect(violation.place).toEqual({ file: 'web/z.yaml' });
  expect(describeRef(violation.object)).toBe('Deployment loans/a');
});

test('tells objects of the same name apart by kind and namespace', async () => {
  const objects = [
    manifest('v1', 'ConfigMap', { name: 'a' }),
    manifest('v1', 'Secret', { name: 'a' }),
    manifest('v1', 'ConfigMap', { name: 'a', namespace: 'loan-2' }),
    manifest('v1', 'ConfigMap', { generateName: 'a-' }),
    manifest('v1', 'ConfigMap', { generateName: 'a-' }),
  ];
  expect(await allowed(objects)).toHaveLength(5);
});

test('shows the parts of a malformed identity that are text', async () => {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: ['a'], namespace: 'x'.repeat(300) },
  };
  const violation = await violationOf([
    { object: object as unknown as KubeObject, source: { file: 'f.yaml' } },
  ]);
  expect(violation.object).toEqual({
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    namespace: 'x'.repeat(253),
    name: '',
  });
});
