import { beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/object.ts';
import { uniqueNamespace } from '../../support/sandbox.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  heldLease,
  lines,
  namespaceObject,
  openRun,
  patch,
  read,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;

beforeAll(() => createNamespace(fixture));

/** A target of its own within the namespace of the file. */
function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

function deployment(name: string, image: string, extra: JsonObject = {}) {
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'app', image, env: [{ name: 'A', value: '1' }] }] },
  };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template, ...extra };
  return rendered(
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec },
    `${name}.yaml`,
  );
}

test('a NetworkPolicy is applied with every field that was rendered', async () => {
  const spec = {
    podSelector: { matchLabels: { app: 'db' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [
          { podSelector: { matchLabels: { role: 'api' } } },
          { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
          { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['a', 'b'] }] } },
        ],
        ports: [{ protocol: 'TCP', port: 5432, endPort: 5440 }],
      },
    ],
    egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ protocol: 'UDP', port: 53 }] }],
  };
  const metadata = { name: 'db', namespace };
  const app = alone('policy');

  await release(app, [
    rendered({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec }),
  ]);

  const live = await read(fixture, `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/db`);
  expect(live?.spec).toEqual(spec);
});

test('a second release without a change writes no object', async () => {
  const app = alone('twice');
  const objects = [
    configMap(fixture, 'twice', { a: '1' }),
    rendered({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'twice', namespace },
      stringData: { a: 'b' },
    }),
    rendered({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'twice', namespace },
      spec: {
        selector: { app: 'twice' },
        ports: [
          { name: 'h', port: 80 },
          { name: 'm', port: 81, targetPort: 'metrics' },
        ],
      },
    }),
    deployment('twice', 'app:v1'),
  ];
  const first = await release(app, objects);
  const versions = async () =>
    Promise.all(
      ['configmaps', 'secrets', 'services'].map(
        async (kind) => (await read(fixture, corePath(fixture, kind, 'twice')))?.metadata.resourceVersion,
      ),
    );
  const before = await versions();

  const second = await release(app, objects);

  expect(lines(first.applied).every((line) => line.startsWith('created'))).toBe(true);
  expect(lines(second.applied).every((line) => line.startsWith('unchanged'))).toBe(true);
  expect(await versions()).toEqual(before);
});

test('a change lists its fields as the API server returned them', async () => {
  const app = alone('change');
  await release(app, [deployment('change', 'app:v1')]);

  const { applied } = await release(app, [deployment('change', 'app:v2')]);

  expect(applied).toMatchObject([
    {
      action: 'configured',
      source: { file: 'change.yaml', line: 1 },
      fields: [{ path: 'spec.template.spec.containers[name=app].image', before: 'app:v1', after: 'app:v2' }],
    },
  ]);
});

test('a field that is removed from the file is removed from the object', async () => {
  const app = alone('dropped');
  await release(app, [configMap(fixture, 'dropped', { a: '1', b: '2' })]);

  const { applied } = await release(app, [configMap(fixture, 'dropped', { a: '1' })]);

  expect(applied[0]?.fields).toEqual([{ path: 'data.b', before: '2', after: undefined }]);
  expect((await read(fixture, corePath(fixture, 'configmaps', 'dropped')))?.data).toEqual({ a: '1' });
});

test('a key that is removed from stringData is removed from the Secret', async () => {
  const app = alone('dropped-secret');
  const secret = (stringData: JsonObject) =>
    rendered({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'dropped', namespace }, stringData });
  await release(app, [secret({ keep: 'x', drop: 'y' })]);

  await release(app, [secret({ keep: 'x' })]);

  expect((await read(fixture, corePath(fixture, 'secrets', 'dropped')))?.data).toEqual({ keep: 'eA==' });
});

test('a forced conflict takes the field back and names the manager that lost it', async () => {
  const app = alone('conflict');
  await release(app, [configMap(fixture, 'conflict', { a: '1' })]);
  await patch(
    fixture,
    corePath(fixture, 'configmaps', 'conflict'),
    { data: { a: 'edited', theirs: 'x' } },
    'somebody',
  );

  const { applied } = await release(app, [configMap(fixture, 'conflict', { a: '1' })]);

  expect(applied).toMatchObject([
    {
      action: 'configured',
      tookFrom: ['somebody'],
      fields: [{ path: 'data.a', before: 'edited', after: '1' }],
    },
  ]);
  expect((await read(fixture, corePath(fixture, 'configmaps', 'conflict')))?.data).toEqual({
    a: '1',
    theirs: 'x',
  });
});

test('an object that existed before is reported as configured, with its old values', async () => {
  const app = alone('adopted');
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'adopted' }, data: { a: 'by hand' } };
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await fixture.admin.request({ method: 'POST', path, body, query: { fieldManager: 'kubectl-create' } });

  const { applied } = await release(app, [configMap(fixture, 'adopted', { a: 'from Git' })]);

  expect(applied).toMatchObject([
    {
      action: 'configured',
      tookFrom: ['kubectl-create'],
      fields: [{ path: 'data.a', before: 'by hand', after: 'from Git' }],
    },
  ]);
});

test('an object that changes between the read and the write is read again, and nothing is lost', async () => {
  const app = alone('race');
  await release(app, [configMap(fixture, 'race', { a: '1' })]);
  const run = await openRun(app);
  await run.apply([configMap(fixture, 'race', { a: '1' })], {
    signal: new AbortController().signal,
    checkLease: heldLease,
  });
  await patch(fixture, corePath(fixture, 'configmaps', 'race'), { data: { other: 'x' } });

  const { changes } = await run.apply([configMap(fixture, 'race', { a: '2' })], {
    signal: new AbortController().signal,
    checkLease: heldLease,
  });

  expect(changes).toMatchObject([
    { action: 'configured', fields: [{ path: 'data.a', before: '1', after: '2' }] },
  ]);
  expect((await read(fixture, corePath(fixture, 'configmaps', 'race')))?.data).toEqual({
    a: '2',
    other: 'x',
  });
});

test('a namespace, a definition and an object of the new kind are applied in one release', async () => {
  const name = uniqueNamespace('crd');
  const group = `${name}.example.com`;
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
    },
  };
  const definition = rendered({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  const widget = rendered({
    apiVersion: `${group}/v1`,
    kind: 'Widget',
    metadata: { name: 'w', namespace: name },
    spec: { size: 3 },
  });
  const app = alone('crd');

  const { applied } = await release(app, [widget, definition, namespaceObject(name)]);

  expect(lines(applied)).toEqual([
    `created Namespace ${name}`,
    `created CustomResourceDefinition widgets.${group}`,
    `created Widget ${name}/w`,
  ]);
  await fixture.admin.request({
    method: 'DELETE',
    path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`,
  });
  await fixture.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
});

test('a dry run reports what would change and changes nothing', async () => {
  const app = alone('dry');
  await release(app, [configMap(fixture, 'dry', { a: '1' })]);
  const missing = uniqueNamespace('not-there');
  const run = await openRun(app);

  const { changes } = await run.apply(
    [
      configMap(fixture, 'dry', { a: '2' }),
      configMap(fixture, 'dry-new'),
      namespaceObject(missing),
      rendered({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'in-new', namespace: missing } }),
    ],
    { signal: new AbortController().signal, checkLease: heldLease, dryRun: true },
  );

  expect(lines(changes)).toEqual([
    `created Namespace ${missing}`,
    `configured ConfigMap ${namespace}/dry`,
    `created ConfigMap ${namespace}/dry-new`,
    `created ConfigMap ${missing}/in-new`,
  ]);
  expect(changes[1]?.fields).toEqual([{ path: 'data.a', before: '1', after: '2' }]);
  expect((await read(fixture, corePath(fixture, 'configmaps', 'dry')))?.data).toEqual({ a: '1' });
  expect(await read(fixture, corePath(fixture, 'configmaps', 'dry-new'))).toBeUndefined();
});

test('a missing namespace is created and reported if the rule allows it', async () => {
  const missing = uniqueNamespace('made');
  const object = (name: string) =>
    rendered({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: missing } });
  const app = alone('made');

  const { applied } = await release(app, [object('a'), object('b')], { createNamespaces: true });

  expect(lines(applied)).toEqual([
    `created Namespace ${missing}`,
    `created ConfigMap ${missing}/a`,
    `created ConfigMap ${missing}/b`,
  ]);
  await fixture.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${missing}` });
});

test('an object that is being deleted is waited for and created again', async () => {
  const app = alone('leaving');
  const path = corePath(fixture, 'configmaps', 'leaving');
  await release(app, [configMap(fixture, 'leaving', { a: '1' }, { finalizers: ['example.com/hold'] })]);
  const uid = (await read(fixture, path))?.metadata.uid;
  await fixture.admin.request({ method: 'DELETE', path });

  const releasing = release(app, [configMap(fixture, 'leaving', { a: '1' })]);
  await patch(fixture, path, { metadata: { finalizers: null } });
  const { applied } = await releasing;

  expect(lines(applied)).toEqual([`created ConfigMap ${namespace}/leaving`]);
  expect((await read(fixture, path))?.metadata.uid).not.toBe(uid);
});
