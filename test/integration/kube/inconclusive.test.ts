import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textAt } from '../../../src/model/json.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { reasonOfUnhealthy } from '../../support/failures.ts';
import { definition, definitionPath } from './custom-kind.ts';
import { createSite, type Site } from './verify-setup.ts';

let site: Site;
let group: string;

beforeAll(async () => {
  site = await createSite();
  group = `${site.namespace}.example.com`;
  const ovens = await site.apply({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `ovens.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'ovens', singular: 'oven', kind: 'Oven' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });
  expect(await site.verify(ovens)).toEqual([]);
});
afterAll(async () => {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ovens.${group}`;
  await site.client.request({ method: 'DELETE', path });
  await site.close();
});

function oven(name: string): object {
  return { apiVersion: `${group}/v1`, kind: 'Oven', metadata: { name }, spec: { degrees: 200 } };
}

async function report(name: string, status: object): Promise<void> {
  await site.client.request({
    method: 'PATCH',
    path: `/apis/${group}/v1/namespaces/${site.namespace}/ovens/${name}/status`,
    contentType: 'application/merge-patch+json',
    body: JSON.stringify({ status }),
  });
}

const heating = { conditions: [{ type: 'Ready', status: 'False', reason: 'Heating' }] };
const ready = { conditions: [{ type: 'Ready', status: 'True', reason: 'Hot' }] };

describe('a new custom resource', () => {
  test('without a controller is waited for only shortly', async () => {
    const started = performance.now();
    const unhealthy = await site.verify(await site.apply(oven('lonely')));

    expect(unhealthy).toEqual([]);
    expect(performance.now() - started).toBeGreaterThan(1_900);
  });

  test('is evaluated by its controller’s report, even if the watch starts late', async () => {
    const kept = site.hub.follow;
    const late = Promise.withResolvers<void>();
    const follow: typeof kept = (follower) => {
      const left = new AbortController();
      late.promise.then(() => left.signal.addEventListener('abort', kept(follower)));
      return () => left.abort();
    };
    const applied = await site.apply(oven('first'));
    await report('first', heating);
    const lateSite = await createSite({ namespace: site.namespace, hub: { ...site.hub, follow } });
    const waiting = lateSite.verify(applied);
    const soon = await Promise.race([waiting.then(() => 'over'), sleep(2_500, 'waiting')]);
    await report('first', ready);
    late.resolve();

    expect(soon).toBe('waiting');
    expect(await waiting).toEqual([]);
  });

  test('is waited for if the controller has reported on another object', async () => {
    const [unhealthy] = await site.verify(await site.apply(oven('second')), { timeoutMs: 2_500 });

    expect(reasonOfUnhealthy(unhealthy)).toBe('no controller has reported its status');
  });
});

describe('a new custom resource of a kind on which nobody has reported', () => {
  const stove = (name: string) => ({
    apiVersion: `${group}/v1`,
    kind: 'Stove',
    metadata: { name },
    spec: {},
  });
  const take = (name: string, fieldManager: string) =>
    site.client.request({
      method: 'PATCH',
      path: `/apis/${group}/v1/namespaces/${site.namespace}/stoves/${name}`,
      query: { fieldManager },
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: ['example.com/gas'] } },
    });
  const free = (name: string) =>
    site.client.request({
      method: 'PATCH',
      path: `/apis/${group}/v1/namespaces/${site.namespace}/stoves/${name}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });

  beforeAll(async () => {
    const stoves = definition('Stove', 'stoves', group);
    expect(await site.verify(await site.apply(stoves))).toEqual([]);
  });
  afterAll(() => site.client.request({ method: 'DELETE', path: definitionPath('stoves', group) }));

  test('is waited for if a controller has put its finalizer on it', async () => {
    const applied = await site.apply(stove('taken'));
    await take('taken', 'stove-controller');

    const [unhealthy] = await site.verify(await site.fresh(applied), { timeoutMs: 4_000 });

    expect(reasonOfUnhealthy(unhealthy)).toBe('no controller has reported its status');
    await free('taken');
  });

  test('is waited for if the controller comes a moment later', async () => {
    const applied = await site.apply(stove('later'));
    const waiting = site.verify(applied, { timeoutMs: 4_000 });
    await take('later', 'stove-controller');

    const [unhealthy] = await waiting;

    expect(reasonOfUnhealthy(unhealthy)).toBe('no controller has reported its status');
    await free('later');
  });

  test('is not waited for if a person has put the finalizer on it', async () => {
    const applied = await site.apply(stove('kept'));
    await take('kept', 'kubectl-edit');

    expect(await site.verify(await site.fresh(applied))).toEqual([]);
    await free('kept');
  });
});

describe('an Ingress without an address', () => {
  const ingress = (name: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name },
    spec: {
      ingressClassName: site.namespace,
      defaultBackend: { service: { name: 'web', port: { number: 80 } } },
    },
  });

  test('is waited for only if its class publishes addresses', async () => {
    const first = await site.verify(await site.apply(ingress('first')));
    await site.client.request({
      method: 'PATCH',
      path: `/apis/networking.k8s.io/v1/namespaces/${site.namespace}/ingresses/first/status`,
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }),
    });
    const second = await site.verify(await site.apply(ingress('second')), { timeoutMs: 3_000 });

    expect(first).toEqual([]);
    expect(second).toMatchObject([{ object: { name: 'second' }, summary: 'no address is published' }]);
  });
});

describe('a PersistentVolumeClaim', () => {
  const claim = (name: string, storageClassName: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });

  test('is waited for until it is bound', async () => {
    const [applied] = await site.apply(claim('data', 'standard'));
    expect(await site.verify(applied ? [applied] : [])).toEqual([]);

    const { body } = await site.client.request({ path: `${applied?.path}/data` });
    expect(textAt(body, 'status', 'phase')).toBe('Bound');
  });

  test('is not waited for if its class binds it to its first pod', async () => {
    await site.client.request({
      method: 'POST',
      path: '/apis/storage.k8s.io/v1/storageclasses',
      body: {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: site.namespace },
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
      },
    });

    const unhealthy = await site.verify(await site.apply(claim('later', site.namespace)));
    await site.client.request({
      method: 'DELETE',
      path: `/apis/storage.k8s.io/v1/storageclasses/${site.namespace}`,
    });

    expect(unhealthy).toEqual([]);
  });
});

describe('a changed custom resource whose controller does not report observedGeneration', () => {
  async function changed(name: string) {
    const [before] = await site.apply(oven(name));
    await report(name, ready);
    const [applied] = await site.apply({ ...oven(name), spec: { degrees: 250 } });
    if (!before || !applied) throw new Error('nothing was applied');
    return { ...applied, changed: before.live.metadata.generation !== applied.live.metadata.generation };
  }

  test('is waited for until its status changes', async () => {
    const applied = await changed('reheated');
    await report('reheated', { conditions: [{ type: 'Stalled', status: 'True', reason: 'NoGas' }] });

    const unhealthy = await site.verify([applied], { failFastMs: 100 });

    expect(unhealthy).toEqual([expect.objectContaining({ summary: 'NoGas' })]);
  });

  test('counts with its old status if that does not change', async () => {
    const applied = await changed('warm');
    const started = performance.now();

    expect(await site.verify([applied])).toEqual([]);
    expect(performance.now() - started).toBeGreaterThan(1_900);
  });
});

test('the reason of a custom resource comes from the containers of the workload that its controller created', async () => {
  const applied = await site.apply(oven('sooty'));
  const { uid } = applied[0]?.live.metadata ?? {};
  const ownerReferences = [{ apiVersion: `${group}/v1`, kind: 'Oven', name: 'sooty', uid, controller: true }];
  const labels = { app: 'sooty' };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'app', image: 'sooty:missing' }] },
  };
  await site.client.request({
    method: 'POST',
    path: `/apis/apps/v1/namespaces/${site.namespace}/replicasets`,
    body: {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'sooty', ownerReferences },
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
    } as JsonObject,
  });
  await report('sooty', { conditions: [{ type: 'Ready', status: 'False', reason: 'Heating' }] });

  const [unhealthy] = await site.verify(applied, { timeoutMs: 3_000 });

  expect(reasonOfUnhealthy(unhealthy)).toMatch(
    /^Heating; ReplicaSet sooty: 0 of 1 pods ready; pod sooty-\w+: ImagePullBackOff: image "sooty:missing" not found$/,
  );
});
