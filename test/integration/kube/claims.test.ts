import { afterAll, beforeAll, expect, test } from 'vitest';
import { textAt } from '../../../src/model/json.ts';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import { hintOfChange } from '../../support/failures.ts';
import {
  corePath,
  createNamespace,
  type Fixture,
  heldLease,
  openRun,
  read,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace, admin } = fixture;
const classes = { growing: `growing-${namespace}`, fixed: `fixed-${namespace}` };
const classPath = '/apis/storage.k8s.io/v1/storageclasses';
const volumePath = '/api/v1/persistentvolumes';
const volumes: string[] = [];

beforeAll(async () => {
  await createNamespace(fixture);
  for (const [kind, name] of Object.entries(classes)) {
    const metadata = { name };
    const provisioner = 'sandbox.slipway.dev/none';
    const body = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata,
      provisioner,
      allowVolumeExpansion: kind === 'growing',
    };
    await admin.request({ method: 'POST', path: classPath, body });
  }
});
afterAll(async () => {
  for (const name of volumes) await admin.request({ method: 'DELETE', path: `${volumePath}/${name}` });
  for (const name of Object.values(classes)) {
    await admin.request({ method: 'DELETE', path: `${classPath}/${name}` });
  }
});

function database(
  name: string,
  storage: string,
  annotations: JsonObject = {},
  storageClassName = classes.growing,
): RenderedObject {
  const labels = { app: name };
  return rendered({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace, annotations },
    spec: {
      serviceName: name,
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'db', image: 'db:v1' }] } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
        },
      ],
    },
  });
}

/** A claim as the controller leaves it behind, bound to a volume of its own: others cannot grow. */
async function claim(
  name: string,
  app: string,
  storage: string,
  storageClassName = classes.growing,
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  const volumeName = `${namespace}-${name}`;
  const accessModes = ['ReadWriteOnce'];
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName },
    spec: {
      storageClassName,
      accessModes,
      capacity: { storage },
      hostPath: { path: '/none' },
      claimRef: { namespace, name },
    },
  };
  await admin.request({ method: 'POST', path: volumePath, body: volume });
  volumes.push(volumeName);
  const body = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, labels: { app } },
    spec: { storageClassName, volumeName, accessModes, resources: { requests: { storage } } },
  };
  await admin.request({ method: 'POST', path, body });
  await expect
    .poll(async () => textAt((await admin.request({ path: `${path}/${name}` })).body, 'status', 'phase'))
    .toBe('Bound');
}

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

async function sizeOf(name: string): Promise<string> {
  const live = await read(fixture, corePath(fixture, 'persistentvolumeclaims', name));
  return textAt(live, 'spec', 'resources', 'requests', 'storage');
}

const recreate = { 'slipway.dev/recreate': 'allowed' };
const grow = { ...recreate, 'slipway.dev/grow-claims': 'allowed' };

test('the refusal of a larger claim template says that its claims would keep their size', async () => {
  await release(alone('refused'), [database('refused', '1Gi')]);

  const { applied } = await release(alone('refused'), [database('refused', '5Gi')]);

  expect(applied).toMatchObject([{ action: 'failed' }]);
  expect(hintOfChange(applied[0])).toContain('Its existing claims keep their size');
});

test('a recreated StatefulSet warns about each claim that stays smaller, with the way to grow it', async () => {
  await release(alone('kept'), [database('kept', '1Gi', recreate)]);
  await claim('data-kept-0', 'kept', '1Gi');
  await claim('data-kept-1', 'kept', '8Gi');

  const { applied } = await release(alone('kept'), [database('kept', '5Gi', recreate)]);

  const patch = '{"spec":{"resources":{"requests":{"storage":"5Gi"}}}}';
  expect(applied).toMatchObject([
    {
      action: 'recreated',
      notice: { kind: 'recreated' },
      warnings: [
        `claim data-kept-0 keeps 1Gi, its template asks for 5Gi: set slipway.dev/grow-claims: allowed on the StatefulSet, or run kubectl patch pvc data-kept-0 -n ${namespace} -p '${patch}'`,
      ],
    },
  ]);
  expect(await sizeOf('data-kept-0')).toBe('1Gi');
});

test('claims grow with their template if the annotation allows it, and never shrink', async () => {
  await release(alone('grown'), [database('grown', '1Gi', grow)]);
  await claim('data-grown-0', 'grown', '1Gi');
  await claim('data-grown-1', 'grown', '8Gi');
  await claim('data-grown-extra-0', 'grown', '1Gi');

  const { applied } = await release(alone('grown'), [database('grown', '5Gi', grow)]);

  expect(applied[0]?.warnings).toBeUndefined();
  expect(applied[0]?.notice?.summary).toMatch(
    /^deleted and recreated: .*; grew claim data-grown-0 from 1Gi to 5Gi$/,
  );
  expect([await sizeOf('data-grown-0'), await sizeOf('data-grown-1')]).toEqual(['5Gi', '8Gi']);
  expect(await sizeOf('data-grown-extra-0')).toBe('1Gi');
});

test('claims of an earlier recreation grow once the annotation comes', async () => {
  await release(alone('later'), [database('later', '5Gi', recreate)]);
  await claim('data-later-0', 'later', '1Gi');

  const { applied } = await release(alone('later'), [database('later', '5Gi', grow)]);

  expect(applied).toMatchObject([
    {
      action: 'configured',
      notice: { kind: 'claims-grown', summary: 'grew claim data-later-0 from 1Gi to 5Gi' },
    },
  ]);
});

test('a claim whose class does not allow it keeps its size, with the API server’s reason', async () => {
  const fixed = (storage: string) => database('fixed', storage, grow, classes.fixed);
  await release(alone('fixed'), [fixed('1Gi')]);
  await claim('data-fixed-0', 'fixed', '1Gi', classes.fixed);

  const { applied } = await release(alone('fixed'), [fixed('5Gi')]);

  expect(applied[0]?.warnings).toEqual([
    expect.stringMatching(/^claim data-fixed-0 keeps 1Gi, its template asks for 5Gi: .*must support resize/),
  ]);
});

test('a plan says what would grow, and grows nothing', async () => {
  await release(alone('plan'), [database('plan', '1Gi', grow)]);
  await claim('data-plan-0', 'plan', '1Gi');
  const run = await openRun(alone('plan'));
  const options = { signal: new AbortController().signal, checkLease: heldLease, dryRun: true };

  const { changes } = await run.apply([database('plan', '5Gi', grow)], options);

  expect(changes[0]?.notice?.summary).toContain('would grow claim data-plan-0 from 1Gi to 5Gi');
  expect(await sizeOf('data-plan-0')).toBe('1Gi');
});
