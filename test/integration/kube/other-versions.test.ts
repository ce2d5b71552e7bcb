import { afterAll, beforeAll, expect, test } from 'vitest';
import { listOf, objectOf } from '../../../src/model/json.ts';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import { eventually } from '../../support/slipway.ts';
import { definitionPath } from './custom-kind.ts';
import { dryRun } from './ignore-setup.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  lines,
  patch,
  read,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;
const group = `${namespace}.example.com`;
const plurals: string[] = [];

beforeAll(() => createNamespace(fixture));
afterAll(async () => {
  for (const plural of plurals) {
    const path = definitionPath(plural, group);
    await fixture.admin.request({ method: 'DELETE', path }).catch(() => undefined);
  }
});

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

/** A version of a kind; the storage version is the last of its versions. */
function version(name: string, more: JsonObject = {}): JsonObject {
  const spec = { type: 'object', properties: { port: { type: 'string' }, old: { type: 'string' }, ...more } };
  return { name, served: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } };
}

function kindOf(plural: string, kind: string, versions: JsonObject[]): RenderedObject {
  plurals.push(plural);
  const names = { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` };
  const stored = versions.map((one, index) => ({ ...one, storage: index === versions.length - 1 }));
  return rendered({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: 'Namespaced', names, versions: stored },
  });
}

const object = (kind: string, inVersion: string, spec: JsonObject, line = 1): RenderedObject => ({
  ...rendered({ apiVersion: `${group}/${inVersion}`, kind, metadata: { name: 'admin', namespace }, spec }),
  source: { file: 'server.yaml', line },
});

/** Owned in these versions, by manager. */
function ownersOf(metadata: JsonObject | undefined): string[] {
  return listOf(metadata?.managedFields).map((entry) => {
    const { manager, apiVersion } = objectOf(entry);
    return `${manager} ${String(apiVersion).replace(`${group}/`, '')}`;
  });
}

test('moves a custom resource to a version that adds a field by default', async () => {
  const app = alone('server');
  const kind = kindOf('servers', 'Server', [
    version('v1beta1'),
    version('v1beta3', { accessPolicy: { type: 'string', default: 'deny' } }),
  ]);
  const path = `/apis/${group}/v1beta3/namespaces/${namespace}/servers/admin`;
  await release(app, [kind, object('Server', 'v1beta1', { port: 'management', old: 'x' })]);
  await patch(fixture, path.replace('v1beta3', 'v1beta1'), { metadata: { labels: { team: 'mq' } } });
  const moved = [kind, object('Server', 'v1beta3', { port: 'management' })];

  const plan = await dryRun(app, moved);
  const { applied } = await release(app, moved);
  const live = await read(fixture, path);
  const again = await release(app, [kind, object('Server', 'v1beta3', { port: 'amqp' })]);

  const line = `configured Server ${namespace}/admin`;
  expect(lines(plan)).toContain(line);
  expect(lines(applied)).toContain(line);
  expect(live?.spec).toEqual({ port: 'management', accessPolicy: 'deny' });
  expect(live?.metadata.labels).toMatchObject({ team: 'mq' });
  expect(ownersOf(live?.metadata).sort()).toEqual(['kubectl-edit v1beta3', 'slipway v1beta3']);
  expect(lines(again.applied)).toContain(line);
  expect((await read(fixture, path))?.spec).toMatchObject({ port: 'amqp' });
});

test('applies over fields that are owned in a version that no longer exists', async () => {
  const app = alone('gone');
  const both = [version('v1beta1'), version('v1')];
  const path = `/apis/${group}/v1/namespaces/${namespace}/cars/admin`;
  await release(app, [
    kindOf('cars', 'Car', [version('v1'), version('v1beta1')]),
    object('Car', 'v1beta1', { port: 'a', old: 'x' }),
  ]);
  await release(app, [kindOf('cars', 'Car', both), object('Car', 'v1beta1', { port: 'a', old: 'x' })]);
  // What a storage migration does: every object is written again, and the old version is no longer stored.
  await eventually('the storage version', async () => {
    await patch(fixture, path, { metadata: { labels: { migrated: String(Date.now()) } } }, 'migrator');
    return true;
  });
  const status = { storedVersions: ['v1'] };
  await fixture.admin.request({
    method: 'PATCH',
    path: `${definitionPath('cars', group)}/status`,
    contentType: 'application/merge-patch+json',
    body: { status },
  });
  const only = kindOf('cars', 'Car', [version('v1')]);
  await fixture.admin.request({
    method: 'PATCH',
    path: definitionPath('cars', group),
    contentType: 'application/merge-patch+json',
    body: { spec: { versions: [{ ...version('v1'), storage: true }] } },
  });
  await eventually(
    'the version gone',
    async () => (await read(fixture, path.replace('/v1/', '/v1beta1/'))) === undefined,
  );

  const { applied } = await release(app, [only, object('Car', 'v1', { port: 'b' })]);

  expect(lines(applied)).toContain(`configured Car ${namespace}/admin`);
  const live = await read(fixture, path);
  expect(live?.spec).toEqual({ port: 'b' });
  expect(ownersOf(live?.metadata)).toContain('slipway v1');
});

test('deploys a file that was exported from a cluster, with the uid and the version of another object', async () => {
  const exported = {
    uid: '6e1c2b0a-0000-4000-8000-000000000000',
    resourceVersion: '12345',
    generation: 3,
    creationTimestamp: '2020-01-01T00:00:00Z',
    selfLink: '/api/v1/namespaces/x/configmaps/exported',
  };
  const app = alone('exported');

  const first = await release(app, [configMap(fixture, 'exported', { a: '1' }, exported)]);
  const second = await release(app, [configMap(fixture, 'exported', { a: '2' }, exported)]);
  const third = await release(app, [configMap(fixture, 'exported', { a: '2' }, exported)]);

  expect([first, second, third].map(({ applied }) => applied[0]?.action)).toEqual([
    'created',
    'configured',
    'unchanged',
  ]);
  expect((await read(fixture, corePath(fixture, 'configmaps', 'exported')))?.data).toEqual({ a: '2' });
});
