import { afterAll, beforeAll, expect, test } from 'vitest';
import { listOf, objectOf, sameJson } from '../../../src/model/json.ts';
import type { JsonObject, KubeObject, RenderedObject } from '../../../src/model/object.ts';
import { eventually } from '../../support/slipway.ts';
import { dryRun } from './ignore-setup.ts';
import {
  configMap,
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
const clusterWide: string[] = [];

beforeAll(() => createNamespace(fixture));
afterAll(async () => {
  for (const path of clusterWide)
    await fixture.admin.request({ method: 'DELETE', path }).catch(() => undefined);
});

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

const rbac = 'rbac.authorization.k8s.io/v1';

test('leaves the rules of an aggregated ClusterRole to the control plane', async () => {
  const [name, label] = [`${namespace}-monitoring`, `${namespace}/aggregate`];
  const path = `/apis/${rbac}/clusterroles/${name}`;
  clusterWide.push(path, `${path}-part`);
  const selector = { matchLabels: { [label]: 'true' } };
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  const role = (more: string, labels: JsonObject, fields: JsonObject) =>
    rendered({
      apiVersion: rbac,
      kind: 'ClusterRole',
      metadata: { name: `${name}${more}`, labels },
      ...fields,
    });
  const wanted = (v: string, labels: JsonObject = {}) => [
    role('', labels, { aggregationRule: { clusterRoleSelectors: [selector] }, rules: [] }),
    role('-part', { [label]: 'true' }, { rules }),
    configMap(fixture, 'settings', { v }),
  ];
  const app = alone('roles');
  await release(app, wanted('1'));
  await eventually('the aggregated rules', async () => sameJson((await read(fixture, path))?.rules, rules));

  const seen = await seenDuring(`/apis/${rbac}/clusterroles`, name, async () => {
    const other = await release(app, wanted('2'));
    expect(lines(other.applied)).toContain(`unchanged ClusterRole ${name}`);
    const labelled = await release(app, wanted('2', { team: 'sre' }));
    expect(labelled.applied.find(({ ref }) => ref.name === name)).toMatchObject({
      action: 'configured',
      fields: [{ path: 'metadata.labels.team' }],
      tookFrom: undefined,
    });
  });

  expect(seen.at(-1)?.metadata.labels).toMatchObject({ team: 'sre' });
  expect(seen.map((object) => object.rules)).toEqual(seen.map(() => rules));
});

test('keeps the rules of a ClusterRole that becomes aggregated until the control plane fills them in', async () => {
  const [name, label] = [`${namespace}-becomes`, `${namespace}/becomes`];
  const path = `/apis/${rbac}/clusterroles/${name}`;
  clusterWide.push(path, `${path}-part`);
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  const wanted = (fields: JsonObject) => [
    rendered({ apiVersion: rbac, kind: 'ClusterRole', metadata: { name }, ...fields }),
    rendered({
      apiVersion: rbac,
      kind: 'ClusterRole',
      metadata: { name: `${name}-part`, labels: { [label]: 'true' } },
      rules,
    }),
  ];
  const app = alone('becomes');
  await release(app, wanted({ rules }));
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] };

  const seen = await seenDuring(`/apis/${rbac}/clusterroles`, name, () =>
    release(app, wanted({ aggregationRule, rules: [] })),
  );

  expect(seen.at(-1)).toMatchObject({ aggregationRule });
  expect(seen.map((object) => object.rules)).toEqual(seen.map(() => rules));
});

test('leaves a CA bundle to the injector that an annotation asks for', async () => {
  const name = `${namespace}-hook`;
  const path = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${name}`;
  clusterWide.push(path);
  const hook = (labels: JsonObject): RenderedObject =>
    rendered({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name, labels, annotations: { 'cert-manager.io/inject-ca-from': `${namespace}/cert` } },
      webhooks: [
        {
          name: 'a.example.com',
          clientConfig: { service: { name: 'a', namespace }, caBundle: 'Cg==' },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Ignore',
          rules: [
            {
              apiGroups: ['example.com'],
              apiVersions: ['v1'],
              resources: ['nothings'],
              operations: ['CREATE'],
            },
          ],
        },
      ],
    });
  await release(alone('hook'), [hook({})]);
  const caBundle = Buffer.from('an authority').toString('base64');
  const created = await read(fixture, path);
  const [webhook = {}] = listOf(created?.webhooks) as JsonObject[];
  const clientConfig = { ...(webhook.clientConfig as JsonObject), caBundle };
  await patch(fixture, path, { webhooks: [{ ...webhook, clientConfig }] }, 'cert-manager-cainjector');

  const { applied } = await release(alone('hook'), [hook({ team: 'sre' })]);

  expect(webhook.clientConfig).not.toHaveProperty('caBundle');
  expect(applied).toMatchObject([{ action: 'configured', fields: [{ path: 'metadata.labels.team' }] }]);
  expect(await read(fixture, path)).toMatchObject({ webhooks: [{ clientConfig: { caBundle } }] });
});

/** Every state of the object from before the work to after it. */
async function seenDuring(path: string, name: string, work: () => Promise<unknown>): Promise<KubeObject[]> {
  const seen: KubeObject[] = [];
  const ended = new AbortController();
  const open = Promise.withResolvers<void>();
  const request = { path, query: { fieldSelector: `metadata.name=${name}` }, signal: ended.signal };
  const watching = fixture.admin
    .watch({ ...request, onOpen: open.resolve }, ({ object }) => seen.push(object))
    .catch(() => undefined);
  await open.promise;
  await work();
  const last = await read(fixture, `${path}/${name}`);
  await eventually('the last event', async () =>
    seen.some(({ metadata }) => metadata.resourceVersion === last?.metadata.resourceVersion),
  );
  ended.abort();
  await watching;
  return seen;
}

function deployment(name: string, spec: JsonObject, image = 'web:v1'): RenderedObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image }] } };
  return rendered({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { paused: true, selector: { matchLabels: labels }, template, ...spec },
  });
}

function autoscaler(name: string): RenderedObject {
  return rendered({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 3,
      maxReplicas: 6,
    },
  });
}

async function replicasOf(name: string): Promise<unknown> {
  const object = await read(fixture, `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
  return objectOf(object?.spec).replicas;
}

/** Every value of `spec.replicas` during the work. */
async function replicasDuring(name: string, work: () => Promise<unknown>): Promise<unknown[]> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const seen = await seenDuring(path, name, work);
  return [...new Set(seen.map(({ spec }) => objectOf(spec).replicas))];
}

test('keeps the replicas of a workload whose file hands them over to an autoscaler of the same commit', async () => {
  const app = alone('bare');
  await release(app, [deployment('bare', { replicas: 5 })]);
  const wanted = [deployment('bare', {}, 'web:v2'), autoscaler('bare')];

  const plan = await dryRun(app, wanted);
  const seen = await replicasDuring('bare', () => release(app, wanted));
  const again = await release(app, wanted);

  expect(plan.find(({ ref }) => ref.kind === 'Deployment')?.fields.map(({ path }) => path)).toEqual([
    'spec.template.spec.containers[name=app].image',
  ]);
  expect(seen).toEqual([5]);
  expect(lines(again.applied)).toContain(`unchanged Deployment ${namespace}/bare`);
});

test('keeps the replicas of a workload that a live autoscaler of another app scales', async () => {
  await release(alone('scaled'), [deployment('scaled', { replicas: 5 })]);
  await release(alone('scaler'), [autoscaler('scaled')]);

  const seen = await replicasDuring('scaled', () =>
    release(alone('scaled'), [deployment('scaled', {}, 'web:v2')]),
  );

  expect(seen).toEqual([5]);
});

test('resets the replicas that a file no longer has if nothing scales the workload, and says so', async () => {
  const app = alone('unscaled');
  await release(app, [deployment('unscaled', { replicas: 5 })]);

  const { applied } = await release(app, [deployment('unscaled', {}), autoscaler('another')]);

  expect(applied.find(({ ref }) => ref.kind === 'Deployment')?.fields).toMatchObject([
    { path: 'spec.replicas', before: 5, after: 1 },
  ]);
  expect(await replicasOf('unscaled')).toBe(1);
});

test('keeps the replicas of a Deployment that a Rollout or a KEDA object of the same commit takes over', async () => {
  const app = alone('others');
  const names = ['by-rollout', 'by-keda'];
  await release(
    app,
    names.map((name) => deployment(name, { replicas: 4 })),
  );
  const group = (kind: string, spec: JsonObject) => ({
    kind,
    metadata: { name: kind.toLowerCase(), namespace },
    spec,
  });
  const scalers = [
    {
      apiVersion: 'argoproj.io/v1alpha1',
      ...group('Rollout', { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'by-rollout' } }),
    },
    { apiVersion: 'keda.sh/v1alpha1', ...group('ScaledObject', { scaleTargetRef: { name: 'by-keda' } }) },
  ];

  const plan = await dryRun(app, [
    ...names.map((name) => deployment(name, {}, 'web:v2')),
    ...scalers.map((object) => rendered(object)),
  ]);

  const fields = plan.filter(({ ref }) => ref.kind === 'Deployment').flatMap((change) => change.fields);
  expect(fields.map(({ path }) => path)).not.toContain('spec.replicas');
});
