import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import { createCluster } from '../../../src/kube/cluster.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { sandbox } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';
import { definition, definitionPath } from './custom-kind.ts';
import { kubeconfigFor } from './front.ts';
import {
  configMap,
  corePath,
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
const { namespace, admin, input } = fixture;
const rbac = '/apis/rbac.authorization.k8s.io/v1';

beforeAll(async () => {
  await createNamespace(fixture);
  await createNamespace(fixture, input.stateNamespace);
});

/** Creates an account with these rights in the namespace; resolves to its name as the API server has it. */
async function accountThat(name: string, rules: JsonObject[], accountNamespace = namespace): Promise<string> {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name, namespace: accountNamespace };
  const roleRef = { kind: 'Role', apiGroup: 'rbac.authorization.k8s.io', name };
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const post = (path: string, body: JsonObject) => admin.request({ method: 'POST', path, body });
  const at = `${rbac}/namespaces/${accountNamespace}`;
  await post(`${at}/roles`, { apiVersion, kind: 'Role', metadata, rules });
  await post(`${at}/rolebindings`, { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects });
  return `system:serviceaccount:${namespace}:${name}`;
}

/** The fixture of a Slipway whose own account is this one. */
async function fixtureOf(name: string, app: string): Promise<Fixture & { close(): Promise<void> }> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  await admin.request({ method: 'POST', path: accounts, body });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const response = await admin.request({ method: 'POST', path: `${accounts}/${name}/token`, body: request });
  const { token } = response.body.status as { token: string };
  const content = kubeconfigFor(sandbox().apiServerUrl, { token }, { 'insecure-skip-tls-verify': true });
  const cluster = createCluster({ ...input, kubeconfig: { content } });
  return { ...fixture, cluster, target: targetOf(namespace, app), close: () => cluster.close() };
}

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

const reads = { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] };

test('a Slipway that may only read writes nothing and reports the right that it lacks', async () => {
  const account = await accountThat('reader', [reads]);
  await accountThat('reader', [reads], input.stateNamespace);
  const reader = await fixtureOf('reader', 'reader');

  const releasing = release(reader, [configMap(fixture, 'read-only')]);

  await expect(releasing).rejects.toMatchObject({
    code: 'CLUSTER_FORBIDDEN',
    retryable: false,
    message: expect.stringContaining(`User "${account}" cannot patch resource "configmaps"`),
  });
  expect(await read(fixture, corePath(fixture, 'configmaps', 'read-only'))).toBeUndefined();
  await reader.close();
});

test('a Slipway that may not impersonate the deployer reports that, and nothing is applied', async () => {
  const rules = [{ ...reads, verbs: ['*'] }];
  const account = await accountThat('no-mask', rules);
  await accountThat('no-mask', rules, input.stateNamespace);
  const own = await fixtureOf('no-mask', 'no-mask');

  const impersonate = `system:serviceaccount:${namespace}:deployer`;
  const { applied } = await release(own, [configMap(fixture, 'no-mask')], { impersonate });

  expect(applied).toMatchObject([
    {
      action: 'failed',
      failure: {
        summary: `the account ${account} may not act as ${impersonate}`,
        hint: `Bind a Role in namespace ${namespace} to ${account} with apiGroups: [""], resources: ["serviceaccounts"], resourceNames: ["deployer"], verbs: ["impersonate"].`,
      },
    },
  ]);
  await own.close();
});

test('an account that may write but not read can deploy, also over another manager’s changes', async () => {
  const verbs = ['create', 'patch'];
  const work = { impersonate: await accountThat('writer', [{ ...reads, verbs }]) };
  const app = alone('writer');
  await release(app, [configMap(fixture, 'writer', { a: '1' })], work);
  await patch(fixture, corePath(fixture, 'configmaps', 'writer'), { data: { a: 'another' } });

  const { applied } = await release(app, [configMap(fixture, 'writer', { a: '2' })], work);

  expect(applied).toMatchObject([
    { action: 'configured', fields: [{ path: 'data.a', before: 'another', after: '2' }] },
  ]);
});

test('a kind that only the deployer may read is waited for and diagnosed as the deployer', async () => {
  const group = `${namespace}.example.com`;
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await admin.request({ method: 'POST', path: definitions, body: definition('Oven', 'ovens', group) });
  onTestFinished(
    async () => void (await admin.request({ method: 'DELETE', path: definitionPath('ovens', group) })),
  );
  const verbs = ['get', 'list', 'watch', 'create', 'patch'];
  const impersonate = await accountThat('baker', [{ apiGroups: [group], resources: ['ovens'], verbs }]);
  await accountThat('cook', [
    { apiGroups: [''], resources: ['serviceaccounts'], resourceNames: ['baker'], verbs: ['impersonate'] },
  ]);
  await accountThat('cook', [{ ...reads, verbs: ['get', 'list', 'create', 'patch'] }], input.stateNamespace);
  const cook = await fixtureOf('cook', 'cook');
  onTestFinished(() => cook.close());
  const oven = { apiVersion: `${group}/v1`, kind: 'Oven', metadata: { name: 'hot', namespace } };
  const at = `/apis/${group}/v1/namespaces/${namespace}/ovens/hot`;
  const report = (status: string) =>
    admin.request({
      method: 'PATCH',
      path: `${at}/status`,
      contentType: 'application/merge-patch+json',
      body: { status: { conditions: [{ type: 'Ready', status, reason: `Heated${status}` }] } },
    });
  const { run, applied } = await eventually('the kind', async () => {
    const released = await release(cook, [rendered({ ...oven, spec: {} })], { impersonate });
    return released.applied[0]?.action !== 'failed' && released;
  });
  expect(lines(applied)).toEqual([`created Oven ${namespace}/hot`]);
  await report('False');
  const options = { signal: new AbortController().signal, timeoutMs: PATIENCE_MS, failFastMs: PATIENCE_MS };

  const progress: string[] = [];
  const verifying = run.verify([], { ...options, onProgress: (text) => progress.push(text) });
  await expect.poll(() => progress.join()).toContain('HeatedFalse');
  await report('True');

  expect(await verifying).toEqual([]);
});

test('an account that may not delete keeps what the files no longer hold, and the next release tries again', async () => {
  const verbs = ['get', 'create', 'patch'];
  const account = await accountThat('keeper', [{ ...reads, verbs }]);
  const work = { impersonate: account };
  const app = alone('keeper');
  const [kept, gone] = [configMap(fixture, 'keeper-a'), configMap(fixture, 'keeper-b')];
  await release(app, [kept, gone], work);

  const refused = await release(app, [kept], work);
  const permitted = await release(app, [kept]);

  expect(refused.pruned).toMatchObject([
    {
      action: 'failed',
      failure: {
        summary: `the account ${account} may not delete configmaps in namespace ${namespace}`,
        hint: expect.stringContaining('verbs: ["delete"]'),
      },
    },
  ]);
  expect(lines(permitted.pruned)).toEqual([`pruned ConfigMap ${namespace}/keeper-b`]);
});
