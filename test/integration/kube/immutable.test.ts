import { beforeAll, expect, test } from 'vitest';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import { asked } from '../../support/cluster.ts';
import { reasonOfChange } from '../../support/failures.ts';
import {
  corePath,
  createNamespace,
  type Fixture,
  heldLease,
  lines,
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
const allowed = { 'slipway.dev/recreate': 'allowed' };

beforeAll(() => createNamespace(fixture));

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

function made(
  apiVersion: string,
  kind: string,
  name: string,
  spec: JsonObject,
  annotations: JsonObject = {},
) {
  return rendered({ apiVersion, kind, metadata: { name, namespace, annotations }, spec }, `${name}.yaml`);
}

function job(name: string, image: string, annotations?: JsonObject): RenderedObject {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image }] } };
  return made('batch/v1', 'Job', name, { suspend: true, template }, annotations);
}

function statefulSet(name: string, spec: JsonObject, annotations?: JsonObject): RenderedObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a:1' }] } };
  const selector = { matchLabels: labels };
  return made('apps/v1', 'StatefulSet', name, { replicas: 0, selector, template, ...spec }, annotations);
}

function volumeClaim(storage: string, mode: string): RenderedObject {
  const spec = { accessModes: [mode], resources: { requests: { storage } } };
  return made('v1', 'PersistentVolumeClaim', 'data', spec, allowed);
}

test('refuses a changed Job template, and names the options', async () => {
  await release(alone('migrate'), [job('migrate', 'a:1')]);

  const { applied } = await release(alone('migrate'), [job('migrate', 'a:2')]);

  expect(applied).toMatchObject([
    {
      action: 'failed',
      source: { file: 'migrate.yaml', line: 1 },
      failure: {
        summary: 'spec.template cannot be changed; set slipway.dev/recreate: allowed, or rename it',
      },
    },
  ]);
});

test('an object with the annotation is deleted and recreated', async () => {
  await release(alone('again'), [job('again', 'a:1', allowed)]);
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs/again`;
  const before = await read(fixture, path);

  const { applied } = await release(alone('again'), [job('again', 'a:2', allowed)]);

  const after = await read(fixture, path);
  expect(applied).toMatchObject([
    {
      action: 'recreated',
      notice: { kind: 'recreated', summary: 'deleted and recreated: spec.template cannot be changed' },
    },
  ]);
  expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
  expect(JSON.stringify(after?.spec)).toContain('a:2');
});

test('a dry run reports that an object would be recreated, and deletes nothing', async () => {
  await release(alone('dry'), [job('dry', 'a:1', allowed)]);
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs/dry`;
  const before = await read(fixture, path);
  const run = await openRun(alone('dry'));
  const options = { signal: new AbortController().signal, checkLease: heldLease, dryRun: true };

  const { changes } = await run.apply([job('dry', 'a:2', allowed)], options);

  expect(changes[0]?.action).toBe('recreated');
  expect(reasonOfChange(changes[0])).toContain('recreated');
  expect(changes[0]?.fields).toEqual([
    { path: 'spec.template.spec.containers[name=a].image', before: 'a:1', after: 'a:2' },
  ]);
  expect(asked(await read(fixture, path))).toEqual(asked(before));
});

test('the changed fields of a StatefulSet are named, although the API server lists only what may change', async () => {
  await release(alone('sts'), [statefulSet('sts', { serviceName: 'a', podManagementPolicy: 'Parallel' })]);

  const { applied } = await release(alone('sts'), [
    statefulSet('sts', { serviceName: 'b', podManagementPolicy: 'OrderedReady', minReadySeconds: 5 }),
  ]);

  expect(reasonOfChange(applied[0])).toMatch(
    /^spec.serviceName, spec.podManagementPolicy cannot be changed; set/,
  );
});

test('the pods of a recreated StatefulSet keep running', async () => {
  const set = (serviceName: string) => statefulSet('keeps', { replicas: 1, serviceName }, allowed);
  await release(alone('keeps'), [set('a')]);
  const pod = () => read(fixture, corePath(fixture, 'pods', 'keeps-0'));
  await expect.poll(pod).toBeDefined();
  const before = await pod();

  const { applied } = await release(alone('keeps'), [set('b')]);

  expect(reasonOfChange(applied[0])).toContain('recreated: spec.serviceName');
  await expect
    .poll(async () => ((await pod())?.metadata.ownerReferences as JsonObject[] | undefined)?.[0]?.uid)
    .not.toBe((before?.metadata.ownerReferences as JsonObject[] | undefined)?.[0]?.uid);
  expect((await pod())?.metadata.uid).toBe(before?.metadata.uid);
});

test('an object is not deleted if a new one would be refused too', async () => {
  await release(alone('stays'), [job('stays', 'a:1', allowed)]);
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs/stays`;
  const before = await read(fixture, path);
  const wrong = job('stays', 'a:2', allowed);
  const template = { spec: { restartPolicy: 'Sometimes', containers: [{ name: 'a', image: 'a:2' }] } };
  Object.assign(wrong.object, { spec: { suspend: true, template } });

  const { applied } = await release(alone('stays'), [wrong]);

  expect(reasonOfChange(applied[0])).toMatch(/^spec.template cannot be changed.*restartPolicy/);
  expect((await read(fixture, path))?.metadata.uid).toBe(before?.metadata.uid);
});

test.each([
  [
    'the address of a Service',
    'Service',
    { clusterIP: 'None' },
    { clusterIP: '10.96.0.77' },
    'spec.clusterIP',
  ],
  [
    'the source of a PersistentVolume',
    'PersistentVolume',
    { hostPath: { path: '/a' } },
    { hostPath: { path: '/b' } },
    'spec.hostPath',
  ],
])('%s is named as in the file', async (_, kind, before, after, field) => {
  const spec = {
    Service: { selector: { app: 'x' }, ports: [{ name: 'http', port: 80 }] },
    PersistentVolume: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'none',
    },
  }[kind];
  const named = (more: JsonObject) => {
    const object = made('v1', kind, `${namespace}-named`, { ...spec, ...more });
    if (kind === 'PersistentVolume') delete object.object.metadata.namespace;
    return object;
  };
  await release(alone('named'), [named(before)]);

  const { applied } = await release(alone('named'), [named(after)]);

  expect(reasonOfChange(applied[0])?.replace(/;.*/, '')).toBe(`${field} cannot be changed`);
  await release(alone('named'), []);
});

test('recognises a transition rule of a CustomResourceDefinition with any message', async () => {
  const group = `${namespace}.example.com`;
  const fixed = (type: string, rule: string, message?: string) => ({
    type,
    'x-kubernetes-validations': [message === undefined ? { rule } : { rule, message }],
  });
  const properties = {
    site: fixed('string', 'self == oldSelf', 'an oven stays where it is'),
    size: fixed('integer', 'self >= oldSelf', 'an oven never shrinks'),
  };
  const schema = {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  };
  const definition = rendered({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `ovens.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Oven', plural: 'ovens' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  const oven = (site: string, size: number, annotations?: JsonObject) =>
    made(`${group}/v1`, 'Oven', 'big', { site, size }, annotations);
  const reason = async (object: RenderedObject) =>
    reasonOfChange(
      (await release(alone('oven'), [definition, object])).applied.find(({ ref }) => ref.kind === 'Oven'),
    );
  await release(alone('oven'), [definition, oven('a', 2)]);

  // The schema is published shortly after the kind is served.
  await expect
    .poll(() => reason(oven('b', 1)))
    .toBe(
      'spec.site cannot be changed; spec.size: an oven never shrinks; set slipway.dev/recreate: allowed, or rename it',
    );
  expect(await reason(oven('b', 1, allowed))).toBe(
    'deleted and recreated: spec.site cannot be changed; spec.size: an oven never shrinks',
  );
  await fixture.admin.request({
    method: 'DELETE',
    path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ovens.${group}`,
  });
});

test('a PersistentVolumeClaim is never recreated, whatever its annotation says', async () => {
  await release(alone('volume-claim'), [volumeClaim('1Gi', 'ReadWriteOnce')]);

  const { applied } = await release(alone('volume-claim'), [volumeClaim('1Gi', 'ReadWriteMany')]);

  expect(applied).toMatchObject([
    {
      action: 'failed',
      failure: {
        summary: 'spec.accessModes cannot be changed',
        hint: expect.stringContaining('would be lost'),
      },
    },
  ]);
  expect(await read(fixture, corePath(fixture, 'persistentvolumeclaims', 'data'))).toBeDefined();
});

function service(port: number): RenderedObject {
  return made('v1', 'Service', 'ports', { selector: { app: 'x' }, ports: [{ name: 'http', port }] });
}

test('a port’s number can change under the same name', async () => {
  await release(alone('ports'), [service(80)]);

  const { applied } = await release(alone('ports'), [service(8080)]);

  expect(lines(applied)).toEqual([`configured Service ${namespace}/ports`]);
});

test('a port’s number can change even if another manager owns the old number too', async () => {
  await release(alone('ports'), [service(80)]);
  const path = corePath(fixture, 'services', 'ports');
  await fixture.admin.request({
    method: 'PATCH',
    path,
    query: { fieldManager: 'another-manager' },
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'ports' },
      spec: { ports: [{ name: 'http', port: 80 }] },
    },
  });

  const { applied } = await release(alone('ports'), [service(8080)]);

  expect(applied[0]).toMatchObject({ action: 'configured' });
  expect((await read(fixture, path))?.spec).toMatchObject({ ports: [{ port: 8080 }] });
});

test('a port that another manager added under the name is kept, and the refusal names the manager', async () => {
  const app = alone('theirs');
  const wanted = (ports: JsonObject[]) => made('v1', 'Service', 'theirs', { selector: { app: 'x' }, ports });
  await release(app, [wanted([{ name: 'http', port: 80 }])]);
  const path = corePath(fixture, 'services', 'theirs');
  const ports = [
    { name: 'http', port: 80 },
    { name: 'admin', port: 81 },
  ];
  await patch(fixture, path, { spec: { ports } });

  const { applied } = await release(app, [
    wanted([
      { name: 'http', port: 80 },
      { name: 'admin', port: 8081 },
    ]),
  ]);

  expect(applied[0]).toMatchObject({ action: 'failed' });
  expect(reasonOfChange(applied[0])).toContain('port 81 already has this name (set by kubectl-edit)');
});

test('the file corrects an object that has a key twice', async () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ];
  const labels = { app: 'twice' };
  const deployment = (containers: JsonObject[]) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'twice', namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  });
  await fixture.admin.request({
    method: 'POST',
    path: `/apis/apps/v1/namespaces/${namespace}/deployments`,
    body: deployment([{ name: 'a', image: 'a:1', env }]),
  });

  const { applied } = await release(alone('twice'), [
    rendered(deployment([{ name: 'a', image: 'a:1', env: [{ name: 'A', value: '3' }] }])),
  ]);

  expect(applied).toMatchObject([{ action: 'configured' }]);
});
