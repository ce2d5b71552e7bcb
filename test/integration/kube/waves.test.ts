import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import { uniqueNamespace } from '../../support/sandbox.ts';
import { type Annotations, deploy, deployment, job, linesOf, options } from './order-setup.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  openRun,
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

function deploymentPath(name: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
}

describe('a wave', () => {
  test.each<[string, (wave: string) => Annotations]>([
    ['slipway', (wave) => ({ 'slipway.dev/wave': wave })],
    ['argo', (wave) => ({ 'argocd.argoproj.io/sync-wave': wave })],
  ])('by %s starts when the one before is healthy', async (app, words) => {
    const name = `wave-${app}`;
    const { run } = await deploy(alone(app), [
      configMap(fixture, name, {}, { annotations: words('1') }),
      deployment(fixture, name, words('-1')),
    ]);

    expect(linesOf(run)).toEqual([`created Deployment ${name}`, `created ConfigMap ${name}`]);
    const ready = (await read(fixture, deploymentPath(name)))?.status as {
      conditions: Record<string, string>[];
    };
    const since = ready.conditions.find(({ type }) => type === 'Available')?.lastTransitionTime ?? '';
    const map = await read(fixture, corePath(fixture, 'configmaps', name));
    expect(Date.parse(since)).toBeLessThanOrEqual(Date.parse(String(map?.metadata.creationTimestamp)));
  });

  test('that does not become healthy ends the release before the next wave', async () => {
    const { run, reasons } = await deploy(alone('sick'), [
      deployment(fixture, 'sick', {}, 'loan-service:missing'),
      configMap(fixture, 'sick', {}, { annotations: { 'slipway.dev/wave': '1' } }),
    ]);

    expect(reasons).toEqual([expect.stringMatching(/0 of 1 pods ready.*loan-service:missing/)]);
    expect(linesOf(run)).toEqual([
      'created Deployment sick',
      'skipped ConfigMap sick: not applied: an earlier object is not healthy',
    ]);
    expect(await read(fixture, corePath(fixture, 'configmaps', 'sick'))).toBeUndefined();
  });

  test('with hooks of its own ends when they have ended', async () => {
    const words = { 'argocd.argoproj.io/hook': 'Sync', 'argocd.argoproj.io/sync-wave': '1' };
    const { run } = await deploy(alone('between'), [
      configMap(fixture, 'between-last', {}, { annotations: { 'argocd.argoproj.io/sync-wave': '2' } }),
      job(fixture, 'between', words),
      configMap(fixture, 'between-first'),
    ]);

    expect(linesOf(run)).toEqual([
      'created Job between: hook: ran with the deploy',
      'created ConfigMap between-first',
      'created ConfigMap between-last',
    ]);
  });

  test('waits without the release’s permit, and not at all if nothing is to be done', async () => {
    const app = alone('aside');
    const objects = [
      deployment(fixture, 'aside'),
      configMap(fixture, 'aside', {}, { annotations: { 'slipway.dev/wave': '1' } }),
    ];
    let waits = 0;
    const withoutPermit = <T>(wait: () => Promise<T>) => {
      waits += 1;
      return wait();
    };
    const apply = async () =>
      (await openRun(app)).apply(objects, {
        ...options,
        waits: { signal: options.signal, withoutPermit },
      });

    await apply();
    const first = waits;
    await apply();

    expect([first, waits]).toEqual([1, 1]);
  });

  test('of an app without own waves waits for nothing', async () => {
    const run = await openRun(alone('plain'));
    const withoutPermit = () => Promise.reject(new Error('waited'));
    const waits = { signal: options.signal, withoutPermit };

    const { changes } = await run.apply(
      [deployment(fixture, 'plain', {}, 'loan-service:missing'), configMap(fixture, 'plain')],
      { ...options, waits },
    );

    expect(changes.map(({ action }) => action)).toEqual(['created', 'created']);
  });

  test('is waited for only until the wait is aborted', async () => {
    const run = await openRun(alone('unwanted'));
    const newer = new AbortController();
    const withoutPermit = <T>(wait: () => Promise<T>) => {
      queueMicrotask(() => newer.abort(new Error('a newer commit')));
      return wait();
    };

    const applied = run.apply(
      [
        deployment(fixture, 'unwanted', {}, 'loan-service:missing'),
        configMap(fixture, 'unwanted', {}, { annotations: { 'slipway.dev/wave': '1' } }),
      ],
      { ...options, waits: { signal: newer.signal, withoutPermit } },
    );

    await expect(applied).rejects.toThrow('a newer commit');
  });

  test('is pruned after the waves that came after it', async () => {
    const app = alone('reverse');
    const wave = (name: string, number: string) =>
      configMap(fixture, name, {}, { annotations: { 'slipway.dev/wave': number } });
    const keep = configMap(fixture, 'reverse-keep');
    await deploy(app, [wave('reverse-a', '-1'), wave('reverse-b', '1'), keep]);

    const { run } = await deploy(app, [keep]);

    expect(linesOf(run).slice(1)).toEqual(['pruned ConfigMap reverse-b', 'pruned ConfigMap reverse-a']);
  });
});

function webhook(name: string, service: string): RenderedObject {
  return rendered({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'loans.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Ignore',
        clientConfig: { service: { namespace, name: service } },
        // Nothing in this namespace or any other: the configuration alone is what the test needs.
        rules: [
          {
            operations: ['CREATE'],
            apiGroups: ['loans.example.com'],
            apiVersions: ['v1'],
            resources: ['none'],
          },
        ],
      },
    ],
  });
}

/** Asked about every Ingress of this namespace; an Ingress is refused unless it responds. */
function strict(name: string, service: string): RenderedObject {
  const { object, source } = webhook(name, service);
  const [first] = object.webhooks as JsonObject[];
  const rules = [
    {
      operations: ['CREATE'],
      apiGroups: ['networking.k8s.io'],
      apiVersions: ['v1'],
      resources: ['ingresses'],
    },
  ];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const asked = { ...first, failurePolicy: 'Fail', timeoutSeconds: 1, rules, namespaceSelector };
  return { source, object: { ...object, webhooks: [asked] } };
}

function ingress(name: string): RenderedObject {
  const spec = { defaultBackend: { service: { name, port: { number: 80 } } } };
  return rendered({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace },
    spec,
  });
}

function service(name: string): RenderedObject {
  const spec = { selector: { app: name }, ports: [{ port: 443 }] };
  return rendered({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec });
}

describe('a webhook', () => {
  const webhookPath = (name: string) =>
    `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${name}`;

  test('is applied once the workload that serves it is healthy', async () => {
    const name = uniqueNamespace('served');
    const { run, reasons } = await deploy(alone('served'), [
      webhook(name, 'served'),
      service('served'),
      deployment(fixture, 'served'),
    ]);

    expect(reasons).toEqual([]);
    expect(linesOf(run).at(-1)).toBe(`created ValidatingWebhookConfiguration ${name}`);
    await fixture.admin.request({ method: 'DELETE', path: webhookPath(name) });
  });

  test('is not applied if that workload does not become healthy', async () => {
    const name = uniqueNamespace('unserved');
    const { reasons } = await deploy(alone('unserved'), [
      webhook(name, 'unserved'),
      service('unserved'),
      deployment(fixture, 'unserved', {}, 'loan-service:missing'),
      deployment(fixture, 'bystander'),
    ]);

    expect(reasons).toEqual([expect.stringContaining('loan-service:missing')]);
    expect(await read(fixture, webhookPath(name))).toBeUndefined();
  });

  test('that does not respond because its own workload is unhealthy ends the release with that workload’s reason', async () => {
    const name = uniqueNamespace('unanswered');
    const app = alone('unanswered');
    const before = [strict(name, 'unanswered'), service('unanswered'), deployment(fixture, 'unanswered')];
    expect((await deploy(app, before)).reasons).toEqual([]);

    const { run, reasons } = await deploy(app, [
      strict(name, 'unanswered'),
      service('unanswered'),
      deployment(fixture, 'unanswered', {}, 'loan-service:missing'),
      ingress('unanswered'),
    ]);

    expect(reasons).toEqual([expect.stringContaining('loan-service:missing')]);
    expect(linesOf(run)).toContain(
      'skipped Ingress unanswered: not applied: an earlier object is not healthy',
    );
    await fixture.admin.request({ method: 'DELETE', path: webhookPath(name) });
  });

  test('waits only for the workloads that serve it', async () => {
    const name = uniqueNamespace('elsewhere');
    const { reasons } = await deploy(alone('elsewhere'), [
      webhook(name, 'served-by-another-app'),
      deployment(fixture, 'elsewhere', {}, 'loan-service:missing'),
    ]);

    expect(reasons).toEqual([]);
    expect(await read(fixture, webhookPath(name))).toBeDefined();
    await fixture.admin.request({ method: 'DELETE', path: webhookPath(name) });
  });
});
