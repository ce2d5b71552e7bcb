import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createKubeClient } from '../../../src/kube/client/client.ts';
import { clusterDefaults, type KubeconfigSource } from '../../../src/kube/input.ts';
import { createWatchHub } from '../../../src/kube/watch/watch-hub.ts';
import { objectAt, textAt } from '../../../src/model/json.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { letGo, mayDo } from '../../support/cluster.ts';
import { definition, definitionPath } from './custom-kind.ts';
import { type CuttingProxy, createCuttingProxy } from './cutting-proxy.ts';
import { createSite, deployment, job, type Site, sandboxClient } from './verify-setup.ts';

let proxy: CuttingProxy;
let site: Site;

function clientVia(kubeconfig: KubeconfigSource) {
  return createKubeClient({ name: 'sandbox', kubeconfig, ...clusterDefaults });
}

beforeAll(async () => {
  proxy = await createCuttingProxy();
  site = await createSite({ client: clientVia(proxy.kubeconfig) });
});
afterAll(async () => {
  await site.close();
  await proxy.close();
});

/** Waits for one more connection. */
async function connected(before: number): Promise<void> {
  await expect.poll(() => proxy.connections()).toBeGreaterThan(before);
}

describe('a watch', () => {
  test('resumes after it was cut, and the wait succeeds', async () => {
    let before = proxy.connections();
    const waiting = site.verify(await site.apply(deployment('cut', 'cut:held')));
    for (const _ of [1, 2, 3]) {
      await connected(before);
      before = proxy.connections();
      proxy.cut();
    }
    await letGo(site.namespace);

    expect(await waiting).toEqual([]);
  });

  test('finds changes from the time in which the cluster was unreachable', async () => {
    const before = proxy.connections();
    const waiting = site.verify(await site.apply(deployment('away', 'away:held', { replicas: 1 })));
    await connected(before);
    proxy.shut();
    await letGo(site.namespace);
    proxy.open();

    expect(await waiting).toEqual([]);
  });

  test('of a cluster that is unreachable at the timeout is a retryable error, not a verdict', async () => {
    const applied = await site.apply(job('lost', 'lost:hang'));
    proxy.shut();
    const outcome = await site.verify(applied, { timeoutMs: 1_500 }).catch((error: unknown) => error);
    proxy.open();

    expect(outcome).toMatchObject({ code: 'CLUSTER_UNREACHABLE', retryable: true });
  });

  test('that is up again at the timeout gives a verdict, even without further events', async () => {
    const applied = await site.apply(job('still', 'still:hang'));
    await expect.poll(async () => (await jobStatus('still')).active).toBe(1);
    const before = proxy.connections();
    const waiting = site.verify(applied, { timeoutMs: 8_000 });
    await connected(before);
    proxy.cut();

    expect(await waiting).toMatchObject([{ object: { name: 'still' } }]);
  });

  test('from an expired version (410) starts again with a list', async () => {
    const group = `watch-${randomBytes(4).toString('hex')}.example.com`;
    await site.apply(definition('Oven', 'ovens', group));
    const oven = { apiVersion: `${group}/v1`, kind: 'Oven', metadata: { name: 'old' } };
    const cold = { conditions: [{ type: 'Ready', status: 'False', reason: 'Cold' }] };
    const [applied] = await site.apply(oven);
    if (!applied) throw new Error('nothing was applied');
    const hot = { conditions: [{ type: 'Ready', status: 'True', reason: 'Hot' }] };
    await site.client.request({
      method: 'PATCH',
      path: `${applied.path}/old/status`,
      contentType: 'application/merge-patch+json',
      body: { status: hot },
    });
    // The kind is newer than this version, so the server has no history from there.
    const metadata = { ...applied.live.metadata, resourceVersion: '1' };
    const watches = vi.spyOn(site.client, 'watch');

    expect(await site.verify([{ ...applied, live: { ...applied.live, metadata, status: cold } }])).toEqual(
      [],
    );

    const ends = await Promise.allSettled(watches.mock.results.map(({ value }) => value));
    expect(ends.map((end) => end.status === 'rejected' && end.reason.apiStatus?.code)).toContain(410);
    watches.mockRestore();
    await site.client.request({ method: 'DELETE', path: definitionPath('ovens', group) });
  });

  test('delivers the last change, so the object is not read', async () => {
    const applied = await site.apply(deployment('quick', 'quick:v1', { replicas: 1 }));
    const requests = vi.spyOn(site.client, 'request');

    expect(await site.verify(applied)).toEqual([]);

    const paths = requests.mock.calls.map(([{ path }]) => path);
    expect(paths.filter((path) => path.includes('/deployments'))).toEqual([]);
    requests.mockRestore();
  });
});

async function jobStatus(name: string): Promise<JsonObject> {
  const { body } = await site.client.request({
    path: `/apis/batch/v1/namespaces/${site.namespace}/jobs/${name}`,
  });
  return objectAt(body, 'status');
}

describe('watches are shared', () => {
  test('by all waits for one kind in one namespace', async () => {
    const hub = createWatchHub(site.client);
    const sites = await Promise.all(
      [...Array(10).keys()].map(() => createSite({ namespace: site.namespace, hub })),
    );
    const waits = sites.map(async (one, index) =>
      one.verify(await one.apply(deployment(`many-${index}`, 'many:held', { replicas: 1 }))),
    );
    await expect.poll(() => hub.size()).toBe(1);
    await letGo(site.namespace);

    expect(await Promise.all(waits)).toEqual(sites.map(() => []));
    expect(hub.size()).toBe(0);
  });

  test('across the cluster when many namespaces wait at once', async () => {
    const { paths, hub } = recordedHub(sandboxClient(), 1);
    const sites = await Promise.all([1, 2, 3].map(() => createSite({ hub })));
    const applied = await Promise.all(
      sites.map((one) => one.apply(deployment('web', 'web:held', { replicas: 1 }))),
    );

    const waiting = Promise.all(sites.map((one, index) => one.verify(applied[index] ?? [])));
    await Promise.all(sites.map(({ namespace }) => letGo(namespace)));

    expect(await waiting).toEqual([[], [], []]);
    expect(paths.filter((path) => path.endsWith('/deployments'))).toEqual([
      `/apis/apps/v1/namespaces/${sites[0]?.namespace}/deployments`,
      '/apis/apps/v1/deployments',
    ]);
    await Promise.all(sites.map((one) => one.close()));
  });

  test('by namespace only, if the account may not watch the whole cluster', async () => {
    const sites = await Promise.all([1, 2, 3].map(() => createSite()));
    const client = clientVia(await accountOf(sites));
    const { hub } = recordedHub(client, 1);
    const limited = await Promise.all(sites.map(({ namespace }) => createSite({ namespace, hub, client })));
    const applied = await Promise.all(
      limited.map((one) => one.apply(deployment('web', 'web:held', { replicas: 1 }))),
    );

    const waiting = Promise.all(limited.map((one, index) => one.verify(applied[index] ?? [])));
    await Promise.all(sites.map(({ namespace }) => letGo(namespace)));

    expect(await waiting).toEqual([[], [], []]);
    await Promise.all([...sites, ...limited].map((one) => one.close()));
  });

  test('and a missing permission to watch is the error of the wait', async () => {
    const other = await createSite();
    const client = clientVia(await accountOf([other]));
    const strange = await createSite({ client, hub: createWatchHub(client) });

    await expect(strange.verify(await strange.apply(job('hang', 'hang:hang')))).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
    });
    await Promise.all([other.close(), strange.close()]);
  });
});

function recordedHub(client: ReturnType<typeof sandboxClient>, namespaceStreams: number) {
  const paths: string[] = [];
  const recording: typeof client = {
    ...client,
    watch(request, onEvent) {
      paths.push(request.path);
      return client.watch(request, onEvent);
    },
  };
  return { paths, hub: createWatchHub(recording, namespaceStreams) };
}

/** A service account that may read in the namespaces of these sites and nowhere else. */
async function accountOf(sites: Site[]): Promise<KubeconfigSource> {
  const [home] = sites;
  if (!home) throw new Error('no site to live in');
  await home.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' } });
  for (const one of sites) {
    await one.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: home.namespace }],
    });
  }
  const reader = `system:serviceaccount:${home.namespace}:reader`;
  const reading = { verb: 'watch', group: 'apps', resource: 'deployments' };
  for (const { namespace } of sites) await mayDo(home.client, reader, { ...reading, namespace });
  const { body } = await home.client.request({
    method: 'POST',
    path: `/api/v1/namespaces/${home.namespace}/serviceaccounts/reader/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } },
  });
  return { content: withToken(textAt(body, 'status', 'token')) };
}

function withToken(token: string): string {
  return proxy.kubeconfig.content.replace(
    /client-certificate(-data)?:.*\n\s*client-key(-data)?:.*|token:.*/,
    `token: ${token}`,
  );
}
