import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/object.ts';
import { deploy, job, options, told } from './order-setup.ts';
import {
  configMap,
  corePath,
  createNamespace,
  openRun,
  read,
  rendered,
  startWorld,
  targetOf,
  type World,
} from './release-setup.ts';

const world = startWorld();
const { namespace } = world;

beforeAll(() => createNamespace(world));

function alone(app: string): World {
  return { ...world, target: targetOf(namespace, app) };
}

function withOptions(options: string): JsonObject {
  return { annotations: { 'argocd.argoproj.io/sync-options': options } };
}

test('Force=true makes anew what cannot be changed', async () => {
  const app = alone('force');
  const force = { 'argocd.argoproj.io/sync-options': 'Replace=true,Force=true' };
  await deploy(app, [job(world, 'force', force)]);

  const { run, reasons } = await deploy(app, [job(world, 'force', force, { image: 'migrate:v2' })]);

  expect(reasons).toEqual([]);
  expect(told(run)).toEqual([expect.stringMatching(/^configured Job force: /)]);
  const live = await read(world, `/apis/batch/v1/namespaces/${namespace}/jobs/force`);
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
    await world.admin.request({ method: 'POST', path: definitions, body: definition(kind, scope) });
  }

  async function forget(kind: string): Promise<void> {
    const path = `${definitions}/${kind.toLowerCase()}s.${namespace}.example.com`;
    await world.admin.request({ method: 'DELETE', path });
  }

  test('waits for a kind that an operator brings meanwhile', async () => {
    const deployed = deploy(alone('soon'), [configMap(world, 'soon'), custom('Soon')]);
    await expect.poll(() => read(world, corePath(world, 'configmaps', 'soon'))).toBeDefined();
    await sleep(500);
    await define('Soon', 'Namespaced');

    const { run, reasons } = await deployed;

    expect(reasons).toEqual([]);
    expect(told(run)).toEqual(['created ConfigMap soon', 'created Soon one']);
    await forget('Soon');
  });

  test('refuses a kind that turns out to live outside namespaces', async () => {
    await define('Wide', 'Cluster');
    await expect
      .poll(() => world.cluster.isNamespaced(`${namespace}.example.com`, 'Wide'), { timeout: 10_000 })
      .toBe(false);

    const { reasons } = await deploy(alone('wide'), [custom('Wide')]);

    expect(reasons).toEqual([expect.stringContaining('lives outside namespaces')]);
    await forget('Wide');
  });

  test('is shown as created by a dry run', async () => {
    const run = await openRun(alone('planned'));

    await run.apply([custom('Never')], { ...options, dryRun: true });

    expect(run.changes.changes).toMatchObject([
      { action: 'created', reason: 'not checked by the API server: its kind comes with the same change' },
    ]);
  });
});
