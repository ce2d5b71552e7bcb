import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/object.ts';
import { deploy, job, linesOf, options } from './order-setup.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  openRun,
  patch,
  read,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;

beforeAll(() => createNamespace(fixture));

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

function withOptions(options: string): JsonObject {
  return { annotations: { 'argocd.argoproj.io/sync-options': options } };
}

test('Force=true recreates an object that cannot be changed', async () => {
  const app = alone('force');
  const force = { 'argocd.argoproj.io/sync-options': 'Replace=true,Force=true' };
  await deploy(app, [job(fixture, 'force', force)]);

  const { run, reasons } = await deploy(app, [job(fixture, 'force', force, { image: 'migrate:v2' })]);

  expect(reasons).toEqual([]);
  expect(linesOf(run)).toEqual([expect.stringMatching(/^recreated Job force: /)]);
  const live = await read(fixture, `/apis/batch/v1/namespaces/${namespace}/jobs/force`);
  expect(JSON.stringify(live?.spec)).toContain('migrate:v2');
});

describe('SkipDryRunOnMissingResource=true', () => {
  const later = withOptions('SkipDryRunOnMissingResource=true');

  function definition(kind: string, scope: string): JsonObject {
    const plural = `${kind.toLowerCase()}s`;
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${namespace}.example.com` },
      spec: {
        group: `${namespace}.example.com`,
        names: { kind, plural },
        scope,
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    };
  }

  const custom = (kind: string, metadata: JsonObject = later) =>
    rendered({
      apiVersion: `${namespace}.example.com/v1`,
      kind,
      metadata: { name: 'one', namespace, ...metadata },
    });

  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

  async function define(kind: string, scope: string): Promise<void> {
    await fixture.admin.request({ method: 'POST', path: definitions, body: definition(kind, scope) });
  }

  async function forget(kind: string): Promise<void> {
    const path = `${definitions}/${kind.toLowerCase()}s.${namespace}.example.com`;
    await fixture.admin.request({ method: 'DELETE', path });
  }

  test('waits for a kind that an operator creates meanwhile', async () => {
    const deployed = deploy(alone('soon'), [configMap(fixture, 'soon'), custom('Soon')]);
    await expect.poll(() => read(fixture, corePath(fixture, 'configmaps', 'soon'))).toBeDefined();
    await sleep(500);
    await define('Soon', 'Namespaced');

    const { run, reasons } = await deployed;

    expect(reasons).toEqual([]);
    expect(linesOf(run)).toEqual(['created ConfigMap soon', 'created Soon one']);
    await forget('Soon');
  });

  test('refuses a kind that turns out to be cluster-scoped', async () => {
    await define('Wide', 'Cluster');
    await expect.poll(() => fixture.cluster.isNamespaced(`${namespace}.example.com`, 'Wide')).toBe(false);

    const { reasons } = await deploy(alone('wide'), [custom('Wide')]);

    expect(reasons).toEqual([expect.stringContaining('its kind is cluster-scoped')]);
    await forget('Wide');
  });

  test('is shown as created by a dry run', async () => {
    const run = await openRun(alone('planned'));

    await run.apply([custom('Never')], { ...options, dryRun: true });

    expect(run.changes.changes).toMatchObject([
      { action: 'created', notice: { kind: 'not-checked', summary: 'its kind comes with the same change' } },
    ]);
  });
});

describe('Replace=true', () => {
  const replace = withOptions('Replace=true');
  const changedByOthers = async (app: Fixture, name: string) => {
    await deploy(app, [configMap(fixture, name, { a: '1' }, replace)]);
    const path = corePath(fixture, 'configmaps', name);
    await patch(fixture, path, { data: { foreign: 'x' }, metadata: { finalizers: ['example.com/keep'] } });
    return path;
  };

  test('removes fields that the file does not hold, whoever has set them, except finalizers', async () => {
    const app = alone('replace');
    const path = await changedByOthers(app, 'replace');
    const run = await openRun(app);

    await run.apply([configMap(fixture, 'replace', { a: '2' }, replace)], options);

    expect(run.changes.changes).toMatchObject([
      {
        action: 'configured',
        fields: [
          { path: 'data.a', before: '1', after: '2' },
          { path: 'data.foreign', before: 'x' },
        ],
      },
    ]);
    const live = await read(fixture, path);
    expect(live?.data).toEqual({ a: '2' });
    expect(live?.metadata.finalizers).toEqual(['example.com/keep']);
    await patch(fixture, path, { metadata: { finalizers: null } });
  });

  test('is shown by a dry run, which changes nothing', async () => {
    const app = alone('replace-plan');
    const path = await changedByOthers(app, 'replace-plan');
    const run = await openRun(app);

    await run.apply([configMap(fixture, 'replace-plan', { a: '2' }, replace)], { ...options, dryRun: true });

    const paths = run.changes.changes.flatMap(({ fields }) => fields.map((field) => field.path));
    expect(paths).toEqual(['data.a', 'data.foreign']);
    expect((await read(fixture, path))?.data).toEqual({ a: '1', foreign: 'x' });
    await patch(fixture, path, { metadata: { finalizers: null } });
  });
});

describe('Force=true with Replace=true', () => {
  const forceReplace = { 'argocd.argoproj.io/sync-options': 'Force=true,Replace=true' };
  const uidOf = async (name: string) =>
    (await read(fixture, `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`))?.metadata.uid;

  test('recreates an object once in each release', async () => {
    const app = alone('every-time');
    const objects = [job(fixture, 'every-time', forceReplace), configMap(fixture, 'every-time')];
    await deploy(app, objects);
    const first = await uidOf('every-time');
    const run = await openRun(app, { releaseKey: 'two' });
    await run.apply(objects, options);
    const second = await uidOf('every-time');
    await (await openRun(app, { releaseKey: 'two' })).apply(objects, options);

    expect(run.changes.changes).toMatchObject([
      { action: 'unchanged', ref: { kind: 'ConfigMap' } },
      {
        action: 'recreated',
        fields: [],
        notice: { kind: 'recreated', summary: expect.stringContaining('ask for it in each release') },
      },
    ]);
    expect(second).not.toBe(first);
    expect(await uidOf('every-time')).toBe(second);
  });

  test('makes no difference between the cluster and Git', async () => {
    const app = alone('no-difference');
    const objects = [job(fixture, 'no-difference', forceReplace)];
    await deploy(app, objects);
    const run = await openRun(app);

    await run.apply(objects, { ...options, dryRun: true });

    expect(run.changes.changes).toMatchObject([{ action: 'unchanged' }]);
  });

  test('never deletes an object that holds data', async () => {
    const app = alone('claimed');
    const claim = rendered({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'claimed', namespace, annotations: forceReplace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    await deploy(app, [claim]);
    const path = corePath(fixture, 'persistentvolumeclaims', 'claimed');
    const uid = (await read(fixture, path))?.metadata.uid;

    await deploy(app, [claim]);

    expect((await read(fixture, path))?.metadata.uid).toBe(uid);
  });
});
