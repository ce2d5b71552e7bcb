import { beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/object.ts';
import { reasonOfChange } from '../../support/failures.ts';
import { uniqueNamespace } from '../../support/sandbox.ts';
import { refusals } from './refused-setup.ts';
import {
  configMap,
  corePath,
  createNamespace,
  heldLease,
  lines,
  openRun,
  read,
  release,
  rendered,
  startFixture,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;
const { alone, named, deployment, secret, refusal } = refusals(fixture);
const admission = '/apis/admissionregistration.k8s.io/v1';

beforeAll(() => createNamespace(fixture));

test('names a used-up quota with its numbers', async () => {
  const name = uniqueNamespace('quota');
  await createNamespace(fixture, name);
  const quota = rendered({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'few', namespace: name },
    spec: { hard: { services: '0' } },
  });
  await release(alone('quota'), [quota]);
  const status = async () => (await read(fixture, `/api/v1/namespaces/${name}/resourcequotas/few`))?.status;
  await expect.poll(status).toMatchObject({ hard: { services: '0' } });
  const service = rendered({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: name },
    spec: { ports: [{ port: 80 }] },
  });

  const change = await refusal([quota, service], 'quota');

  expect(reasonOfChange(change)).toBe(
    'the ResourceQuota few is used up (requested: services=1, used: services=0, limited: services=0)',
  );
  await fixture.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
});

test('names a LimitRange as the cause of a refusal', async () => {
  const name = uniqueNamespace('limits');
  await createNamespace(fixture, name);
  const metadata = { name: 'small', namespace: name };
  const limits = [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }];
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'big', namespace: name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
  };
  const range = rendered({ apiVersion: 'v1', kind: 'LimitRange', metadata, spec: { limits } });
  const refused = async () => reasonOfChange(await refusal([range, rendered(claim)], 'limits'));

  // The admission plugin receives the new LimitRange shortly after.
  await expect
    .poll(refused)
    .toBe(
      'a LimitRange of the namespace refuses it: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 5Gi',
    );
  await fixture.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
});

test('names the policy and the webhook that refuse an object', async () => {
  const name = uniqueNamespace('policy');
  await createNamespace(fixture, name);
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
    fixture.admin.request({
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
    fixture.admin
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
  await expect.poll(() => attempt('ConfigMap', 'configmaps')).toBe('refused');
  await expect.poll(() => attempt('ServiceAccount', 'serviceaccounts')).toBe('refused');
  const object = (kind: string) =>
    rendered({ apiVersion: 'v1', kind, metadata: { name: 'x', namespace: name } });

  const policy = await refusal([object('ConfigMap')], 'policy');
  const run = await openRun(alone('webhook'));
  const applying = run.apply([object('ServiceAccount')], {
    signal: new AbortController().signal,
    checkLease: heldLease,
  });

  expect(reasonOfChange(policy)).toBe(
    `the ValidatingAdmissionPolicy ${name} (binding ${name}) refused it: it needs an owner`,
  );
  await expect(applying).rejects.toMatchObject({
    code: 'CLUSTER_BUSY',
    message: expect.stringContaining('the admission webhook hook.example.com did not respond'),
  });
  expect(lines(run.changes.changes)).toEqual([`failed ServiceAccount ${name}/x`]);
  for (const path of [
    'validatingwebhookconfigurations',
    'validatingadmissionpolicybindings',
    'validatingadmissionpolicies',
  ]) {
    await fixture.admin.request({ method: 'DELETE', path: `${admission}/${path}/${name}` });
  }
  await fixture.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
});

test('warnings of the API server are in the change', async () => {
  const name = uniqueNamespace('warned');
  const metadata = { name, labels: { 'pod-security.kubernetes.io/warn': 'restricted' } };
  await fixture.admin.request({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata },
  });
  const object = deployment();
  const moved = { ...object, object: { ...object.object, metadata: { name: 'warned', namespace: name } } };

  const { applied } = await release(alone('warned'), [moved]);

  expect(applied[0]?.warnings?.[0]).toContain('would violate PodSecurity "restricted:latest"');
  await fixture.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
});

test('after a failed object its wave completes, later waves are skipped, and all are reported', async () => {
  const workload = deployment().object;
  const { applied, run } = await release(alone('half'), [
    rendered({ ...workload, metadata: { ...workload.metadata, name: 'half' } }),
    configMap(fixture, 'half-good'),
    configMap(fixture, 'half-bad', {}, { labels: { a: 'b c!' } }),
    named('v1', 'Service', 'half', { spec: { ports: [{ port: 80 }] } }),
  ]);

  expect(lines(applied)).toEqual([
    `created ConfigMap ${namespace}/half-good`,
    `failed ConfigMap ${namespace}/half-bad`,
    `skipped Service ${namespace}/half`,
    `skipped Deployment ${namespace}/half`,
  ]);
  expect(run.changes.changes).toEqual(applied);
  expect(await read(fixture, corePath(fixture, 'configmaps', 'half-good'))).toBeDefined();
  expect(await read(fixture, corePath(fixture, 'services', 'half'))).toBeUndefined();
});

test('a dry run reports the problems of every object, even after a failed one', async () => {
  const run = await openRun(alone('all-at-once'));
  const service = named('v1', 'Service', 'all-at-once', { spec: {} });
  const pod = named('v1', 'Pod', 'all-at-once', { spec: { containers: [{ name: 'app', image: 'a:v1' }] } });
  const objects = [configMap(fixture, 'all-at-once', {}, { labels: { bad: 'not valid!' } }), service, pod];

  await run.apply(objects, { signal: new AbortController().signal, checkLease: heldLease, dryRun: true });

  expect(lines(run.changes.changes)).toEqual([
    `failed ConfigMap ${namespace}/all-at-once`,
    `failed Service ${namespace}/all-at-once`,
    `created Pod ${namespace}/all-at-once`,
  ]);
});

test('refuses two files with the same object before sending a request', async () => {
  const { applied } = await release(alone('duplicate'), [
    configMap(fixture, 'duplicate-other'),
    rendered({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'duplicate', namespace } }, 'a.yaml'),
    rendered({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'duplicate', namespace } }, 'b.yaml'),
  ]);

  expect(applied.find(({ action }) => action === 'failed')).toMatchObject({
    source: { file: 'b.yaml', line: 1 },
    failure: { summary: 'it is also defined in a.yaml:1' },
  });
  expect(await read(fixture, corePath(fixture, 'configmaps', 'duplicate-other'))).toBeUndefined();
});

const account = `system:serviceaccount:${namespace}:deployer`;

test('the refusal of an account names the account and the missing right', async () => {
  const { applied } = await release(alone('rights'), [configMap(fixture, 'rights')], {
    impersonate: account,
  });

  expect(applied).toMatchObject([
    {
      action: 'failed',
      failure: {
        summary: `the account ${account} may not patch configmaps in namespace ${namespace}`,
        hint: `Bind a Role in namespace ${namespace} to ${account} with apiGroups: [""], resources: ["configmaps"], verbs: ["get","list","create","patch"].`,
      },
    },
  ]);
});

test('the rights in the hint suffice, and other requests are refused', async () => {
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
  await fixture.admin.request({
    method: 'POST',
    path: `${at}/roles`,
    body: { apiVersion, kind: 'Role', metadata, rules },
  });
  await fixture.admin.request({
    method: 'POST',
    path: `${at}/rolebindings`,
    body: { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects: [group] },
  });
  const app = alone('limited');
  const work = { impersonate: account };
  const first = () => release(app, [configMap(fixture, 'limited-a'), configMap(fixture, 'limited-b')], work);
  await expect.poll(async () => (await first()).applied.map(({ action }) => action)).not.toContain('failed');

  const second = await release(app, [configMap(fixture, 'limited-a')], work);
  const third = await release(app, [configMap(fixture, 'limited-a'), secret({})], work);

  expect(lines(second.pruned)).toEqual([`pruned ConfigMap ${namespace}/limited-b`]);
  expect(reasonOfChange(third.applied.find(({ action }) => action === 'failed'))).toContain(
    'may not patch secrets',
  );
});
