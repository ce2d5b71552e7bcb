import { expect, test } from 'vitest';
import type { FieldRule } from '../../../src/model/field-rule.ts';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import { kubectl } from '../../support/kubectl.ts';
import { atMap, dryRun, replicas, startIgnoring } from './ignore-setup.ts';
import {
  configMap,
  corePath,
  heldLease,
  lines,
  openRun,
  patch,
  read,
  release,
  rendered,
} from './release-setup.ts';

const { fixture, namespace, ignoring, deployment, deploymentPath, live } = startIgnoring();

test('a field that becomes ignored is released as it is, and taken back once it is no longer ignored', async () => {
  const of = ignoring('later');
  const at = deploymentPath('later');
  for (const image of ['web:v1', 'web:v2', 'web:v3']) await release(of, [deployment('later', { image })]);
  const app = ignoring('later', replicas);
  const same = await release(app, [deployment('later', { image: 'web:v3' })]);
  expect(lines(same.applied)).toEqual([`unchanged Deployment ${namespace}/later`]);

  await release(app, [deployment('later', { image: 'web:v4' })]);
  expect(await live(at)).toMatchObject({ spec: { replicas: 2 } });
  await kubectl(['scale', 'deployment/later', '--replicas=7', '-n', namespace]);
  await release(app, [deployment('later', { image: 'web:v5' })]);
  expect(await live(at)).toMatchObject({ spec: { replicas: 7 } });

  const { applied } = await release(ignoring('later'), [deployment('later', { image: 'web:v5' })]);
  expect(applied).toMatchObject([
    { action: 'configured', fields: [{ path: 'spec.replicas', before: 7, after: 2 }] },
  ]);
  expect(await live(at)).toMatchObject({ spec: { replicas: 2 } });
});

test('a release without changes writes nothing, whoever owns the ignored fields', async () => {
  const app = ignoring('quiet', atMap('data.theirs'), atMap('metadata.annotations'));
  const objects = (own: string) => [
    configMap(fixture, 'quiet', { own, theirs: '1' }, { annotations: { note: 'ours' } }),
  ];
  await release(app, objects('1'));
  const at = corePath(fixture, 'configmaps', 'quiet');
  const unchanged = [`unchanged ConfigMap ${namespace}/quiet`];

  for (const meanwhile of [
    async () => undefined,
    () => patch(fixture, at, { data: { theirs: '2' } }),
    () => patch(fixture, at, { metadata: { annotations: { note: 'theirs', other: '1' } } }),
    // Handed over before, by a release that changed something else.
    () => release(app, objects('2')).then(() => release(app, objects('1'))),
  ]) {
    await meanwhile();
    const { metadata } = await live(at);
    expect(lines(await dryRun(app, objects('1')))).toEqual(unchanged);
    expect(lines((await release(app, objects('1'))).applied)).toEqual(unchanged);
    expect((await live(at)).metadata.resourceVersion).toBe(metadata.resourceVersion);
  }
  expect(await live(at)).toMatchObject({
    metadata: { annotations: { note: 'theirs' } },
    data: { own: '1', theirs: '2' },
  });
});

test('an object that somebody deleted is created again with all its fields', async () => {
  const app = ignoring('again', replicas, {
    kind: 'Deployment',
    path: 'spec.template.spec.containers[name=web].image',
  });
  await release(app, [deployment('again')]);
  await kubectl(['scale', 'deployment/again', '--replicas=5', '-n', namespace]);
  await release(app, [deployment('again', { metadata: { annotations: { note: '1' } } })]);
  await kubectl(['delete', 'deployment/again', '-n', namespace]);

  const { applied } = await release(app, [deployment('again', { replicas: 3 })]);

  expect(lines(applied)).toEqual([`created Deployment ${namespace}/again`]);
  expect(await live(deploymentPath('again'))).toMatchObject({ spec: { replicas: 3 } });
});

test('an ignored field that somebody sets between the read and the write is kept', async () => {
  const app = ignoring('race', replicas);
  await release(app, [deployment('race')]);
  const run = await openRun(app);
  await kubectl(['scale', 'deployment/race', '--replicas=6', '-n', namespace]);

  const options = { signal: new AbortController().signal, checkLease: heldLease };
  const { changes } = await run.apply([deployment('race', { image: 'web:v2' })], options);

  expect(lines(changes)).toEqual([`configured Deployment ${namespace}/race`]);
  expect(await live(deploymentPath('race'))).toMatchObject({ spec: { replicas: 6 } });
});

test('an account that may not read what it writes leaves ignored fields alone that Slipway can read', async () => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: 'writer', namespace };
  const rules = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['create', 'patch'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'writer' };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'writer' }];
  for (const [path, body] of [
    ['roles', { apiVersion, kind: 'Role', metadata, rules }],
    ['rolebindings', { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects }],
  ] as const) {
    await fixture.admin.request({ method: 'POST', path: `${rbac}/namespaces/${namespace}/${path}`, body });
  }
  const app = ignoring('unread', replicas);
  await release(app, [deployment('unread')]);
  const work = { impersonate: 'writer' };
  const run = await openRun(app, work);
  await kubectl(['scale', 'deployment/unread', '--replicas=6', '-n', namespace]);

  const options = { signal: new AbortController().signal, checkLease: heldLease };
  const { changes } = await run.apply([deployment('unread', { image: 'web:v2' })], options);

  expect(changes).toMatchObject([{ action: 'configured', fields: [] }]);
  expect(await live(deploymentPath('unread'))).toMatchObject({ spec: { replicas: 6 } });
  const images = ['-n', namespace, '-o', 'jsonpath={.spec.template.spec.containers[*].image}'];
  expect(await kubectl(['get', 'deployment', 'unread', ...images])).toBe('web:v2');
});

test.each([
  ['before it is handed over', async () => undefined],
  [
    'after another has set it',
    () => kubectl(['scale', 'deployment/planned', '--replicas=9', '-n', namespace]),
  ],
])('a plan shows no change of what is ignored %s', async (_, meanwhile) => {
  const app = ignoring('planned', replicas);
  await release(app, [deployment('planned')]);
  await meanwhile();

  const changes = await dryRun(app, [deployment('planned', { image: 'web:v2', replicas: 1 })]);

  expect(changes).toMatchObject([
    {
      action: 'configured',
      fields: [{ path: 'spec.template.spec.containers[name=web].image', after: 'web:v2' }],
    },
  ]);
});

test('taking over from another tool neither sets nor resets ignored fields', async () => {
  const of = ignoring('adopted', atMap('data.theirs'), atMap('data.unset'));
  const app = { ...of, target: { ...of.target, adopt: true } };
  const annotations = { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'loans' };
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'adopted', annotations },
    data: { theirs: 'helm', own: 'helm', old: 'helm' },
  };
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await fixture.admin.request({ method: 'POST', path, query: { fieldManager: 'helm' }, body });
  const objects = [configMap(fixture, 'adopted', { theirs: 'file', own: 'file', unset: 'file' })];
  expect((await dryRun(app, objects))[0]?.fields.map((field) => field.path)).not.toContain('data.theirs');

  await release(app, objects);

  expect((await live(`${path}/adopted`)).data).toEqual({ theirs: 'helm', own: 'file' });
});

test('a change of an object’s API version resets no ignored field', async () => {
  const kind = 'HorizontalPodAutoscaler';
  const app = ignoring('version', { kind, path: 'spec.minReplicas' }, { kind, path: 'spec.metrics' });
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'version' };
  const autoscaler = (apiVersion: string, maxReplicas: number, more: JsonObject) =>
    rendered({
      apiVersion,
      kind,
      metadata: { name: 'version', namespace },
      spec: { scaleTargetRef, minReplicas: 5, maxReplicas, ...more },
    });
  const target = { type: 'Utilization', averageUtilization: 70 };
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  const at = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/version`;
  await release(app, [autoscaler('autoscaling/v1', 6, { targetCPUUtilizationPercentage: 50 })]);
  const { metrics: first } = (await live(at)).spec as JsonObject;

  for (const maxReplicas of [7, 8]) {
    await release(app, [autoscaler('autoscaling/v2', maxReplicas, { metrics })]);
    // Without owner they would be defaulted, to 1 and to 80 %.
    expect(await live(at)).toMatchObject({ spec: { minReplicas: 5, maxReplicas, metrics: first } });
  }
});

const ingress = rendered({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'whole', namespace },
  spec: {
    rules: ['a.example.com', 'b.example.com'].map((host) => ({
      host,
      http: {
        paths: [
          { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } },
        ],
      },
    })),
  },
});
const service = rendered({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'keyed', namespace },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
});

test.each<[string, RenderedObject, FieldRule, string]>([
  [
    'a part of what the API server keeps as one value',
    ingress,
    { kind: 'Ingress', path: 'spec.rules[host=a.example.com].http' },
    'spec.rules[host=a.example.com].http cannot be ignored: the API server keeps spec.rules as one value: ignore spec.rules as a whole',
  ],
  [
    'the key of a list',
    service,
    { kind: 'Service', path: 'spec.ports[name=http].port' },
    'spec.ports[name=http].port cannot be ignored: it identifies the entries of its list, and is always sent',
  ],
])(
  '%s is refused in words, by the plan, the first release and every later one',
  async (what, object, rule, reason) => {
    const app = ignoring(`refused-${what.length}`, rule);
    const refused = [
      { action: 'failed', failure: { summary: reason, hint: 'Change ignore of the app in slipway.yaml.' } },
    ];

    expect(await dryRun(app, [object])).toMatchObject(refused);
    expect((await release(app, [object])).applied).toMatchObject(refused);
    expect((await release(app, [object, configMap(fixture, 'beside')])).applied).toMatchObject([
      ...refused,
      { action: 'skipped' },
    ]);
    expect(await read(fixture, corePath(fixture, 'configmaps', 'beside'))).toBeUndefined();
  },
);

test('a refusal for a missing required field that is ignored names the line to change', async () => {
  const path = 'spec.template.spec.containers[name=web].livenessProbe.httpGet.port';
  const app = ignoring('probe', { kind: 'Deployment', path });
  await release(app, [deployment('probe')]);

  const { applied } = await release(app, [
    deployment('probe', { container: { livenessProbe: { httpGet: { path: '/', port: 80 } } } }),
  ]);

  expect(applied).toMatchObject([
    {
      action: 'failed',
      failure: { hint: expect.stringContaining(`ignore in slipway.yaml leaves out ${path}`) },
    },
  ]);
});
