import { beforeAll, expect, test } from 'vitest';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import { uniqueNamespace } from '../../support/sandbox.ts';
import {
  configMap,
  corePath,
  createNamespace,
  lines,
  openFence,
  openRun,
  read,
  release,
  rendered,
  startWorld,
  targetOf,
  type World,
} from './release-setup.ts';

const world = startWorld();
const { namespace } = world;
const admission = '/apis/admissionregistration.k8s.io/v1';

beforeAll(() => createNamespace(world));

function alone(app: string): World {
  return { ...world, target: targetOf(namespace, app) };
}

function named(apiVersion: string, kind: string, name: string, rest: JsonObject): RenderedObject {
  return rendered({ apiVersion, kind, metadata: { name, namespace }, ...rest }, `${kind.toLowerCase()}.yaml`);
}

function deployment(spec: JsonObject = {}, container: JsonObject = {}): RenderedObject {
  const labels = { app: 'refused' };
  const containers = [{ name: 'app', image: 'app:v1', ...container }];
  const template = { metadata: { labels }, spec: { containers } };
  return named('apps/v1', 'Deployment', 'refused', {
    spec: { replicas: 0, selector: { matchLabels: labels }, template, ...spec },
  });
}

function secret(data: JsonObject, rest: JsonObject = {}): RenderedObject {
  return named('v1', 'Secret', 'refused', { data, ...rest });
}

async function refusal(objects: RenderedObject[], app = 'refused'): Promise<ObjectChange | undefined> {
  const { applied } = await release(alone(app), objects);
  return applied.find(({ action }) => action === 'failed');
}

test.each<[string, RenderedObject, string | RegExp]>([
  ['an unknown field', deployment({ replica: 1 }), 'spec.replica is not a field; did you mean replicas?'],
  [
    'an unknown field of a container',
    deployment({}, { imagePullPolice: 'Always' }),
    'spec.template.spec.containers[name="app"].imagePullPolice is not a field; did you mean imagePullPolicy?',
  ],
  ['a field nothing is near to', deployment({ zzz: 1 }), /^spec.zzz is not a field$/],
  [
    'a wrong type',
    deployment({ replicas: 'two' }),
    'spec.replicas: expected numeric (int or float), got string',
  ],
  [
    'a number where text is wanted',
    configMap(world, 'number', { PORT: 8080 }),
    'data.PORT: expected string; put the value in quotes',
  ],
  ['a list where text is wanted', configMap(world, 'list', { PORTS: [1, 2] }), 'data.PORTS: expected string'],
  [
    'two entries with one key',
    deployment(
      {},
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
    ),
    'spec.template.spec.containers[name="app"].env has two entries with name="A"',
  ],
  ['a missing field', named('v1', 'Service', 'refused', { spec: {} }), 'spec.ports: Required value'],
  [
    'a bad label',
    configMap(world, 'bad', {}, { labels: { a: 'b c!' } }),
    /^metadata.labels: Invalid value: "b c!": a valid label/,
  ],
  ['a value that is not base64', secret({ a: 'not base64!' }), 'a value under data is not base64'],
  [
    'an unknown kind',
    named('example.com/v1', 'Widget', 'w', {}),
    'cluster sandbox has no kind Widget in example.com/v1',
  ],
  [
    'an old version',
    named('apps/v1beta1', 'Deployment', 'w', {}),
    'cluster sandbox has no kind Deployment in apps/v1beta1',
  ],
  [
    'a missing namespace',
    rendered({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'not-there' } }),
    'the namespace not-there does not exist on cluster sandbox',
  ],
])('%s is said with its place', async (_, object, reason) => {
  const change = await refusal([object]);
  expect(change).toMatchObject({
    reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
  });
  expect(change?.source).toBe(`${object.source.file}:1`);
  expect(change?.hint).toBeTruthy();
});

test('a kind that is served in another version is named with it', async () => {
  const change = await refusal([named('apps/v1beta1', 'Deployment', 'w', {})]);
  expect(change?.hint).toBe('The cluster serves it as apps/v1: change apiVersion.');
});

test.each<[string, RenderedObject, RenderedObject, string]>([
  [
    'a Deployment’s selector',
    deployment(),
    deployment({
      selector: { matchLabels: { app: 'other' } },
      template: {
        metadata: { labels: { app: 'other' } },
        spec: { containers: [{ name: 'app', image: 'a' }] },
      },
    }),
    'spec.selector cannot be changed; set slipway.dev/recreate: allowed, or rename it',
  ],
  [
    'a Job’s template',
    named('batch/v1', 'Job', 'refused', {
      spec: {
        suspend: true,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } },
      },
    }),
    named('batch/v1', 'Job', 'refused', {
      spec: {
        suspend: true,
        completions: 3,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } },
      },
    }),
    'spec.completions cannot be changed; set slipway.dev/recreate: allowed, or rename it',
  ],
  [
    'an immutable ConfigMap',
    named('v1', 'ConfigMap', 'frozen', { immutable: true, data: { a: '1' } }),
    named('v1', 'ConfigMap', 'frozen', { immutable: true, data: { a: '2' } }),
    'data cannot be changed; set slipway.dev/recreate: allowed, or rename it',
  ],
])('%s that changes is said in words', async (title, before, after, reason) => {
  const app = title.toLowerCase().replace(/\W+/g, '-');
  await release(alone(app), [before]);
  const change = await refusal([after], app);
  expect(change?.reason).toBe(reason);
  expect(change?.hint).toContain('Put the old value back');
});

test('no refusal of a Secret quotes a value of it', async () => {
  const value = 'hunter2-is-the-password';
  const encoded = Buffer.from(value).toString('base64');
  const objects = [
    secret({ '.dockerconfigjson': encoded }, { type: 'kubernetes.io/dockerconfigjson' }),
    secret({ a: value }),
    secret({ a: encoded }, { stringDatas: { a: value } }),
    secret({ a: [value] as never }),
  ];
  for (const object of objects) {
    const change = await refusal([object]);
    expect(change?.action).toBe('failed');
    expect(JSON.stringify(change)).not.toMatch(new RegExp(`hunter2|${encoded.slice(0, 12)}`));
  }
});

test('a quota that is used up is named with its numbers', async () => {
  const place = uniqueNamespace('quota');
  await createNamespace(world, place);
  const quota = rendered({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'few', namespace: place },
    spec: { hard: { services: '0' } },
  });
  await release(alone('quota'), [quota]);
  const status = async () => (await read(world, `/api/v1/namespaces/${place}/resourcequotas/few`))?.status;
  await expect.poll(status, { timeout: 10_000 }).toMatchObject({ hard: { services: '0' } });
  const service = rendered({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: place },
    spec: { ports: [{ port: 80 }] },
  });

  const change = await refusal([quota, service], 'quota');

  expect(change?.reason).toBe(
    'the ResourceQuota few is used up (requested: services=1, used: services=0, limited: services=0)',
  );
  await world.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${place}` });
});

test('a policy and a webhook that refuse are named', async () => {
  const name = uniqueNamespace('policy');
  await createNamespace(world, name);
  const match = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
  const rules = (resource: string) => [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: [resource] },
  ];
  const spec = {
    failurePolicy: 'Fail',
    matchConstraints: { ...match, resourceRules: rules('configmaps') },
    validations: [{ expression: 'has(object.metadata.annotations)', message: 'it needs an owner' }],
  };
  const webhook = {
    name: 'hook.example.com',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    clientConfig: { url: 'https://127.0.0.1:9/' },
    rules: rules('serviceaccounts'),
    ...match,
  };
  const post = (kind: string, path: string, rest: JsonObject) =>
    world.admin.request({
      method: 'POST',
      path: `${admission}/${path}`,
      body: { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, ...rest },
    });
  await post('ValidatingAdmissionPolicy', 'validatingadmissionpolicies', { spec });
  await post('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', {
    spec: { policyName: name, validationActions: ['Deny'] },
  });
  await post('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', { webhooks: [webhook] });
  const attempt = (kind: string, resource: string) =>
    world.admin
      .request({
        method: 'POST',
        path: `/api/v1/namespaces/${name}/${resource}`,
        query: { dryRun: 'All' },
        body: { apiVersion: 'v1', kind, metadata: { generateName: 'try-' } },
        retryBudgetMs: 0,
      })
      .then(
        () => 'let in',
        () => 'refused',
      );
  await expect.poll(() => attempt('ConfigMap', 'configmaps'), { timeout: 20_000 }).toBe('refused');
  await expect.poll(() => attempt('ServiceAccount', 'serviceaccounts'), { timeout: 20_000 }).toBe('refused');
  const object = (kind: string) =>
    rendered({ apiVersion: 'v1', kind, metadata: { name: 'x', namespace: name } });

  const policy = await refusal([object('ConfigMap')], 'policy');
  const run = await openRun(alone('webhook'));
  const applying = run.apply([object('ServiceAccount')], {
    signal: new AbortController().signal,
    fence: openFence,
  });

  expect(policy?.reason).toBe(
    `the ValidatingAdmissionPolicy ${name} (binding ${name}) refused it: it needs an owner`,
  );
  await expect(applying).rejects.toMatchObject({
    code: 'CLUSTER_BUSY',
    message: expect.stringContaining('the admission webhook hook.example.com did not answer'),
  });
  expect(lines(run.changes.changes)).toEqual([`failed ServiceAccount ${name}/x`]);
  for (const path of [
    'validatingwebhookconfigurations',
    'validatingadmissionpolicybindings',
    'validatingadmissionpolicies',
  ]) {
    await world.admin.request({ method: 'DELETE', path: `${admission}/${path}/${name}` });
  }
  await world.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
}, 60_000);

test('what the API server warns of is in the change', async () => {
  const name = uniqueNamespace('warned');
  const metadata = { name, labels: { 'pod-security.kubernetes.io/warn': 'restricted' } };
  await world.admin.request({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata },
  });
  const object = deployment();
  const moved = { ...object, object: { ...object.object, metadata: { name: 'warned', namespace: name } } };

  const { applied } = await release(alone('warned'), [moved]);

  expect(applied[0]?.warnings?.[0]).toContain('would violate PodSecurity "restricted:latest"');
  await world.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
});

test('a failed object lets its wave end, stops the later ones, and everything is told', async () => {
  const workload = deployment().object;
  const { applied, run } = await release(alone('half'), [
    rendered({ ...workload, metadata: { ...workload.metadata, name: 'half' } }),
    configMap(world, 'half-good'),
    configMap(world, 'half-bad', {}, { labels: { a: 'b c!' } }),
    named('v1', 'Service', 'half', { spec: { ports: [{ port: 80 }] } }),
  ]);

  expect(lines(applied)).toEqual([
    `created ConfigMap ${namespace}/half-good`,
    `failed ConfigMap ${namespace}/half-bad`,
    `skipped Service ${namespace}/half`,
    `skipped Deployment ${namespace}/half`,
  ]);
  expect(run.changes.changes).toEqual(applied);
  expect(await read(world, corePath(world, 'configmaps', 'half-good'))).toBeDefined();
  expect(await read(world, corePath(world, 'services', 'half'))).toBeUndefined();
});

test('a dry run tells what is wrong with every object, whatever comes before it', async () => {
  const run = await openRun(alone('all-at-once'));
  const service = named('v1', 'Service', 'all-at-once', { spec: {} });
  const pod = named('v1', 'Pod', 'all-at-once', { spec: { containers: [{ name: 'app', image: 'a:v1' }] } });
  const objects = [configMap(world, 'all-at-once', {}, { labels: { bad: 'not valid!' } }), service, pod];

  await run.apply(objects, { signal: new AbortController().signal, fence: openFence, dryRun: true });

  expect(lines(run.changes.changes)).toEqual([
    `failed ConfigMap ${namespace}/all-at-once`,
    `failed Service ${namespace}/all-at-once`,
    `created Pod ${namespace}/all-at-once`,
  ]);
});

test('two files with one object are refused before anything is sent', async () => {
  const { applied } = await release(alone('twin'), [
    configMap(world, 'twin-other'),
    rendered({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'twin', namespace } }, 'a.yaml'),
    rendered({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'twin', namespace } }, 'b.yaml'),
  ]);

  expect(applied.find(({ action }) => action === 'failed')).toMatchObject({
    source: 'b.yaml:1',
    reason: 'is also in a.yaml:1',
  });
  expect(await read(world, corePath(world, 'configmaps', 'twin-other'))).toBeUndefined();
});

const account = `system:serviceaccount:${namespace}:deployer`;

test('an account without rights is refused with the account and the right that is missing', async () => {
  const { applied } = await release(alone('rights'), [configMap(world, 'rights')], { impersonate: account });

  expect(applied).toMatchObject([
    {
      action: 'failed',
      reason: `the account ${account} may not patch configmaps in namespace ${namespace}`,
      hint: `Bind a Role in namespace ${namespace} to ${account} with apiGroups: [""], resources: ["configmaps"], verbs: ["get","list","create","patch"].`,
    },
  ]);
});

test('the rights that the hint names are enough, and what they do not allow is refused', async () => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: 'deployer', namespace };
  const rules = [
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'create', 'patch', 'delete'] },
  ];
  const group = {
    kind: 'Group',
    apiGroup: 'rbac.authorization.k8s.io',
    name: `system:serviceaccounts:${namespace}`,
  };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' };
  const at = `${rbac}/namespaces/${namespace}`;
  await world.admin.request({
    method: 'POST',
    path: `${at}/roles`,
    body: { apiVersion, kind: 'Role', metadata, rules },
  });
  await world.admin.request({
    method: 'POST',
    path: `${at}/rolebindings`,
    body: { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects: [group] },
  });
  const app = alone('limited');
  const work = { impersonate: account };
  const first = () => release(app, [configMap(world, 'limited-a'), configMap(world, 'limited-b')], work);
  await expect.poll(async () => (await first()).applied.map(({ action }) => action)).not.toContain('failed');

  const second = await release(app, [configMap(world, 'limited-a')], work);
  const third = await release(app, [configMap(world, 'limited-a'), secret({})], work);

  expect(lines(second.pruned)).toEqual([`pruned ConfigMap ${namespace}/limited-b`]);
  expect(third.applied.find(({ action }) => action === 'failed')?.reason).toContain('may not patch secrets');
});
