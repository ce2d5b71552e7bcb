import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { letGo } from '../../support/cluster.ts';
import { reasonOfUnhealthy } from '../../support/failures.ts';
import { configMap, createSite, deployment, job, type Site } from './verify-setup.ts';

let site: Site;

beforeAll(async () => {
  site = await createSite();
});
afterAll(() => site.close());

describe('an object that becomes healthy', () => {
  test('a new Deployment is waited for until all its pods are ready', async () => {
    const progress: string[] = [];
    const applied = await site.apply(configMap('settings'), deployment('web', 'web:v1', { replicas: 3 }));

    const unhealthy = await site.verify(applied, { onProgress: (message) => progress.push(message) });

    expect(unhealthy).toEqual([]);
    expect(progress[0]).toBe('1 of 2 objects healthy; Deployment web: waiting for the deployment controller');
  });

  test('its next version is waited for until no old pod is left', async () => {
    await site.verify(await site.apply(deployment('next', 'next:v1', { replicas: 3 })));

    const unhealthy = await site.verify(await site.apply(deployment('next', 'next:v2', { replicas: 3 })));

    const { body } = await site.client.request({
      path: `/apis/apps/v1/namespaces/${site.namespace}/deployments/next`,
    });
    expect(unhealthy).toEqual([]);
    expect(body.status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 });
  });

  test('pods that are slow to start are waited for', async () => {
    const progress: string[] = [];
    const applied = await site.apply(deployment('late', 'late:held'));
    const waiting = site.verify(applied, { onProgress: (message) => progress.push(message) });
    await expect.poll(() => progress.at(-1)).toContain('0 of 2 pods ready');
    await letGo(site.namespace);

    expect(await waiting).toEqual([]);
  });

  test('a Job is waited for until it has completed', async () => {
    const unhealthy = await site.verify(await site.apply(job('migrate', 'migrate:v1')));

    const { body } = await site.client.request({
      path: `/apis/batch/v1/namespaces/${site.namespace}/jobs/migrate`,
    });
    expect(unhealthy).toEqual([]);
    expect(body.status).toMatchObject({ succeeded: 1 });
  });

  test('a Job that its TTL removes at once has completed', async () => {
    const unhealthy = await site.verify(
      await site.apply(job('brief', 'brief:v1', { ttlSecondsAfterFinished: 0 })),
    );

    expect(unhealthy).toEqual([]);
  });

  test('an object that is already healthy is neither watched nor read', async () => {
    const applied = await site.apply(deployment('calm', 'calm:v1'), configMap('calm'));
    await site.verify(applied);
    const again = await site.apply(deployment('calm', 'calm:v1'), configMap('calm'));
    site.hub.close();

    const progress: string[] = [];
    const unhealthy = await site.verify(again, {
      onProgress: (message) => progress.push(message),
      timeoutMs: 1,
    });

    expect(unhealthy).toEqual([]);
    expect(progress).toEqual([]);
    expect(site.hub.size()).toBe(0);
  });
});

test('an autoscaler in the old version of its API, which has no conditions, is waited for and found healthy', async () => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' };
  const applied = await site.apply(deployment('scaled', 'scaled:v1'), {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'scaled' },
    spec: { minReplicas: 2, maxReplicas: 3, targetCPUUtilizationPercentage: 50, scaleTargetRef },
  });

  expect(await site.verify(applied)).toEqual([]);
});

describe('an object that does not become healthy', () => {
  test('a missing image fails after failFastMs and is named', async () => {
    const applied = await site.apply(deployment('loan-service', 'loan-service:missing', { replicas: 3 }));

    const [unhealthy, ...rest] = await site.verify(applied, { failFastMs: 1_000 });

    expect(rest).toEqual([]);
    expect(unhealthy?.object).toMatchObject({
      kind: 'Deployment',
      name: 'loan-service',
      namespace: site.namespace,
    });
    expect(reasonOfUnhealthy(unhealthy)).toMatch(
      /^0 of 3 pods ready; pod loan-service-[a-z0-9]+-[a-z0-9]+: ImagePullBackOff: image "loan-service:missing" not found$/,
    );
  });

  test('a broken next version fails by its own pods, while the old ones still serve', async () => {
    await site.verify(await site.apply(deployment('rolling', 'rolling:v1', { replicas: 3 })));
    const applied = await site.apply(deployment('rolling', 'rolling:crash', { replicas: 3 }));

    const [unhealthy] = await site.verify(applied, { failFastMs: 1_000 });

    expect(reasonOfUnhealthy(unhealthy)).toMatch(
      /^0 of 3 pods ready; pod rolling-\S+: CrashLoopBackOff: exited with code 1, \d+ restarts?$/,
    );
  });

  test('pods of the old version that fail do not count', async () => {
    const broken = await site.apply(deployment('repaired', 'repaired:missing', { replicas: 2 }));
    await site.verify(broken, { failFastMs: 500 });

    const repaired = await site.apply(deployment('repaired', 'repaired:held', { replicas: 2 }));
    const waiting = site.verify(repaired, { failFastMs: 1_000 });
    // Longer than failFastMs.
    await sleep(3_000);
    await letGo(site.namespace);

    expect(await waiting).toEqual([]);
  });

  test('a deadline that the previous version missed does not count', async () => {
    const withDeadline = (image: string, progressDeadlineSeconds: number) => {
      const one = deployment('overdue', image) as { spec: object };
      return { ...one, spec: { ...one.spec, progressDeadlineSeconds } };
    };
    const path = `/apis/apps/v1/namespaces/${site.namespace}/deployments/overdue`;
    await site.apply(withDeadline('overdue:missing', 1));
    await expect
      .poll(async () => JSON.stringify(await site.client.request({ path })))
      .toContain('ProgressDeadlineExceeded');

    const next = await site.apply(withDeadline('overdue:v2', 600));
    const unhealthy = await site.verify(next, { failFastMs: 100 });

    expect(unhealthy).toEqual([]);
  });

  test('a failed Job ends the wait immediately, whatever failFastMs is', async () => {
    const endless = { timeoutMs: 3_600_000, failFastMs: 3_600_000 };
    const [unhealthy] = await site.verify(await site.apply(job('seed', 'seed:fail')), endless);

    expect(reasonOfUnhealthy(unhealthy)).toMatch(
      /^BackoffLimitExceeded: Job has reached the specified backoff limit; pod seed-\S+: exited with code 1$/,
    );
  });

  test('a Job that never ends is unhealthy at the timeout', async () => {
    const applied = await site.apply(job('hang', 'hang:hang'));
    await expect.poll(async () => (await site.fresh(applied))[0]?.live.status).toMatchObject({ active: 1 });

    const [unhealthy] = await site.verify(await site.fresh(applied), { timeoutMs: 500 });

    expect(reasonOfUnhealthy(unhealthy)).toBe('0 of 1 pods succeeded, 1 running');
  });

  test('a load balancer without an address is waited for and named at the timeout', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'public' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    };

    const [unhealthy] = await site.verify(await site.apply(service), { timeoutMs: 500 });

    expect(reasonOfUnhealthy(unhealthy)).toBe('the load balancer has no address yet');
  });

  test('an Ingress without an address does not block a release if no Ingress of its class has one', async () => {
    const ingress = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'public' },
      spec: {
        ingressClassName: 'silent',
        defaultBackend: { service: { name: 'web', port: { number: 80 } } },
      },
    };

    expect(await site.verify(await site.apply(ingress))).toEqual([]);
  });

  test('values of environment variables never reach the reason', async () => {
    const secret = 'loan-service';
    const applied = await site.apply(
      deployment('masked', `${secret}:missing`, { env: [{ name: 'PASSWORD', value: secret }] }),
    );

    const [unhealthy] = await site.verify(applied, { failFastMs: 500 });

    expect(reasonOfUnhealthy(unhealthy)).toContain('ImagePullBackOff');
    expect(reasonOfUnhealthy(unhealthy)).not.toContain(secret);
  });

  test('an object that is deleted during the wait is reported as deleted', async () => {
    const applied = await site.apply(job('waits', 'waits:hang'));
    const waiting = site.verify(applied, { failFastMs: 300 });
    await site.client.request({
      method: 'DELETE',
      path: `/apis/batch/v1/namespaces/${site.namespace}/jobs/waits`,
      query: { propagationPolicy: 'Background' },
    });

    expect(await waiting).toMatchObject([
      { object: { name: 'waits' }, summary: 'was deleted while the release waited for it' },
    ]);
  });
});

describe('an abort', () => {
  test('ends the wait immediately with its reason, and leaves no watch open', async () => {
    const applied = await site.apply(job('endless', 'endless:hang'));
    const abort = new AbortController();
    const waiting = site.verify(applied, { signal: abort.signal, timeoutMs: 3_600_000 });
    const outcome = expect(waiting).rejects.toThrow('superseded');
    await expect.poll(() => site.hub.size()).toBeGreaterThan(0);

    abort.abort(new Error('superseded'));

    await outcome;
    expect(site.hub.size()).toBe(0);
  });
});
