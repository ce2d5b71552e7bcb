import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { objectAt, objectsAt, textAt } from '../../../src/model/json.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { reasonOfUnhealthy } from '../../support/failures.ts';
import { createSite, job, type Site } from './verify-setup.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite();
});
afterAll(() => site.close());

function read(path: string): Promise<JsonObject> {
  return site.client.request({ path }).then(({ body }) => body);
}

function inNamespace(root: string, resource: string): string {
  return `${root}/namespaces/${site.namespace}/${resource}`;
}

function podsOf(image: string, more: object = {}): object {
  return { containers: [{ name: 'app', image }], ...more };
}

function workload(kind: string, name: string, spec: object, pod: object): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: pod };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  };
}

describe('the reason names', () => {
  test('the quota that refuses pods', async () => {
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'small' },
      spec: { hard: { 'count/pods': '0' }, scopeSelector: scopeOf('quota-test') },
    };
    const priority = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'quota-test' },
      value: 1,
    };
    await site.client.request({
      method: 'PATCH',
      path: '/apis/scheduling.k8s.io/v1/priorityclasses/quota-test',
      query: { fieldManager: 'test' },
      contentType: 'application/apply-patch+yaml',
      body: priority,
    });
    await site.apply(quota);
    await expect
      .poll(async () =>
        objectAt(await read(inNamespace('/api/v1', 'resourcequotas/small')), 'status', 'hard'),
      )
      .toEqual({ 'count/pods': '0' });
    const greedy = workload(
      'Deployment',
      'greedy',
      { replicas: 2 },
      podsOf('greedy:v1', { priorityClassName: 'quota-test' }),
    );

    const [unhealthy] = await site.verify(await site.apply(greedy), { failFastMs: 500 });

    expect(reasonOfUnhealthy(unhealthy)).toMatch(
      /^0 of 2 pods ready; FailedCreate: pods "greedy-\S+" is forbidden: exceeded quota: small, requested: count\/pods=1, used: count\/pods=0, limited: count\/pods=0$/,
    );
  });

  test('the scheduler that finds no node', async () => {
    const homeless = workload(
      'Deployment',
      'homeless',
      { replicas: 1 },
      podsOf('homeless:v1', { nodeSelector: { disk: 'gold' } }),
    );
    const applied = await site.apply(homeless);
    const progress: string[] = [];
    const abort = new AbortController();
    const waiting = site.verify(applied, {
      signal: abort.signal,
      onProgress: (message) => progress.push(message),
    });
    const aborted = expect(waiting).rejects.toThrow('seen');
    await expect.poll(() => progress.at(-1)).toContain('Unschedulable');
    abort.abort(new Error('seen'));
    await aborted;

    const [unhealthy] = await site.verify(await site.fresh(applied), { timeoutMs: 500, failFastMs: 300 });

    expect(reasonOfUnhealthy(unhealthy)).toMatch(
      /^0 of 1 pods ready; pod homeless-\S+: Unschedulable: 0\/\d+ nodes are available: .*didn't match Pod's node affinity/,
    );
  });

  test('the newest warning about a pod that does not start', async () => {
    const applied = await site.apply(
      workload('Deployment', 'unmounted', { replicas: 1 }, podsOf('unmounted:held')),
    );
    const pods = () => read(`${inNamespace('/api/v1', 'pods')}?labelSelector=app%3Dunmounted`);
    await expect.poll(async () => objectsAt(await pods(), 'items').length).toBe(1);
    const [pod = {}] = objectsAt(await pods(), 'items');
    await warn(
      pod,
      'FailedMount',
      'MountVolume.SetUp failed for volume "config" : configmap "web" not found',
    );

    const begun = { observedGeneration: 1, unavailableReplicas: 1 };
    await expect.poll(async () => (await site.fresh(applied))[0]?.live.status).toMatchObject(begun);

    const [unhealthy] = await site.verify(await site.fresh(applied), { timeoutMs: 800 });

    expect(reasonOfUnhealthy(unhealthy)).toBe(
      `0 of 1 pods ready; pod ${textAt(pod, 'metadata', 'name')}: waiting for its containers to start; ` +
        'FailedMount: MountVolume.SetUp failed for volume "config" : configmap "web" not found',
    );
  });

  test('the pod of a StatefulSet', async () => {
    const set = workload('StatefulSet', 'db', { replicas: 2, serviceName: 'db' }, podsOf('db:missing'));

    const [unhealthy] = await site.verify(await site.apply(set), { failFastMs: 500 });

    expect(reasonOfUnhealthy(unhealthy)).toBe(
      '0 of 2 pods ready; pod db-0: ImagePullBackOff: image "db:missing" not found',
    );
  });

  test('the pod of a DaemonSet, only of its newest version', async () => {
    await site.verify(await site.apply(workload('DaemonSet', 'agent', {}, podsOf('agent:v1'))));
    const next = workload('DaemonSet', 'agent', {}, podsOf('agent:crash'));

    const [unhealthy] = await site.verify(await site.apply(next), { failFastMs: 500 });

    expect(reasonOfUnhealthy(unhealthy)).toMatch(
      /pod agent-\S+: CrashLoopBackOff: exited with code 1, \d+ restarts?$/,
    );
  });

  test('the pods of a Job that cannot start', async () => {
    const [unhealthy] = await site.verify(await site.apply(job('import', 'import:missing')), {
      failFastMs: 500,
    });

    expect(reasonOfUnhealthy(unhealthy)).toMatch(
      /; pod import-\S+: ImagePullBackOff: image "import:missing" not found$/,
    );
  });

  test('the container among several that fails', async () => {
    const pod = {
      containers: [
        { name: 'app', image: 'app:v1' },
        { name: 'proxy', image: 'proxy:crash' },
      ],
    };
    const two = workload('Deployment', 'two', { replicas: 1 }, pod);

    const [unhealthy] = await site.verify(await site.apply(two), { failFastMs: 500 });

    expect(reasonOfUnhealthy(unhealthy)).toMatch(
      /container proxy: CrashLoopBackOff: exited with code 1, \d+ restarts?$/,
    );
  });

  test('a bare pod that has failed', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'once' },
      spec: podsOf('once:fail', { restartPolicy: 'Never' }),
    };

    const [unhealthy] = await site.verify(await site.apply(pod), { failFastMs: 60_000 });

    expect(reasonOfUnhealthy(unhealthy)).toBe('exited with code 1');
  });
});

function scopeOf(priorityClass: string): object {
  const scope = { scopeName: 'PriorityClass', operator: 'In', values: [priorityClass] };
  return { matchExpressions: [scope] };
}

async function warn(pod: JsonObject, reason: string, message: string): Promise<void> {
  await site.client.request({
    method: 'POST',
    path: inNamespace('/api/v1', 'events'),
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${textAt(pod, 'metadata', 'name')}.1`, namespace: site.namespace },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        name: textAt(pod, 'metadata', 'name'),
        namespace: site.namespace,
        uid: textAt(pod, 'metadata', 'uid'),
      },
      reason,
      message,
      type: 'Warning',
      firstTimestamp: new Date().toISOString(),
      lastTimestamp: new Date().toISOString(),
    },
  });
}
