import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createConnections } from '../../../src/kube/client/connections.ts';
import { credentialSource } from '../../../src/kube/client/credentials.ts';
import { createCluster } from '../../../src/kube/cluster.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { sandbox } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';
import {
  configMap,
  corePath,
  createNamespace,
  heldLease,
  lines,
  openRun,
  read,
  release,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
/** A short retry budget, for a level that stays full. */
const impatient = createCluster({ ...fixture.input, retryBudgetMs: 500 });
const { namespace, admin } = fixture;
const account = `system:serviceaccount:${namespace}:deployer`;
const flowControl = '/apis/flowcontrol.apiserver.k8s.io/v1';
const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;

beforeAll(async () => {
  await createNamespace(fixture);
  await admin.request({
    method: 'POST',
    path: rbac,
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'deployer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace }],
    },
  });
});
const cleanUps: (() => void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
  await unlimited();
});
afterAll(() => Promise.all([connections.close(), impatient.close()]));

/** Gives the account's requests a priority level of their own; resolves once the API server applies it. */
async function limit(limited: JsonObject): Promise<void> {
  const own = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', metadata: { name: namespace } };
  const level = { ...own, kind: 'PriorityLevelConfiguration', spec: { type: 'Limited', limited } };
  const user = { kind: 'User', user: { name: account } };
  const everything = {
    verbs: ['*'],
    apiGroups: ['*'],
    resources: ['*'],
    clusterScope: true,
    namespaces: ['*'],
  };
  const spec = {
    matchingPrecedence: 10,
    priorityLevelConfiguration: { name: namespace },
    rules: [{ subjects: [user], resourceRules: [everything] }],
  };
  await admin.request({ method: 'POST', path: `${flowControl}/prioritylevelconfigurations`, body: level });
  const schema = { ...own, kind: 'FlowSchema', spec };
  const made = await admin.request({ method: 'POST', path: `${flowControl}/flowschemas`, body: schema });
  const uid = (made.body.metadata as { uid: string }).uid;
  await eventually('the limit', async () => (await schemaOfResponse()) === uid);
}

async function unlimited(): Promise<void> {
  for (const kind of ['flowschemas', 'prioritylevelconfigurations']) {
    const path = `${flowControl}/${kind}/${namespace}`;
    await admin.request({ method: 'DELETE', path }).catch(() => undefined);
  }
}

/** The FlowSchema that matched a request of the account, even if the request was refused. */
async function schemaOfResponse(): Promise<unknown> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  try {
    const response = await admin.request({ path, as: account, retryBudgetMs: 0 });
    return response.headers['x-kubernetes-pf-flowschema-uid'];
  } catch (error) {
    const { apiStatus } = error as { apiStatus?: { code: number } };
    if (apiStatus?.code !== 429) throw error;
    const path = `${flowControl}/flowschemas/${namespace}`;
    return ((await admin.request({ path })).body.metadata as { uid: string }).uid;
  }
}

/** One request at a time, and no queue. */
const one = {
  nominalConcurrencyShares: 0,
  lendablePercent: 0,
  borrowingLimitPercent: 0,
  limitResponse: { type: 'Reject' },
};

const connections = createConnections(credentialSource({ files: [sandbox().kubeconfig] }, undefined), 4);

/** Takes the account's only seat with a request whose body never ends. Returns how to release it. */
async function occupy(): Promise<() => void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const isRefused = () =>
    admin.request({ path, as: account, retryBudgetMs: 0 }).then(
      () => false,
      (error: { apiStatus?: { code: number } }) => error.apiStatus?.code === 429,
    );
  // Again if the request itself was refused, or admitted before the level applied.
  for (;;) {
    const leave = await beginToCreate(path);
    const taken = await eventually('a refusal', isRefused, 2_000).catch(() => false);
    if (taken) return leave;
    leave();
  }
}

async function beginToCreate(path: string): Promise<() => void> {
  const { dispatcher, server } = await connections.forRequests();
  const end = new AbortController();
  cleanUps.push(() => end.abort());
  const headers = {
    'content-type': 'application/json',
    'content-length': '1000',
    'impersonate-user': account,
  };
  const body = new Readable({ read: () => undefined });
  body.push('{');
  dispatcher
    .request({ origin: server.origin, path, method: 'POST', headers, body, signal: end.signal })
    .then((response) => response.body.dump())
    .catch(() => undefined);
  return () => end.abort();
}

test('an apply that its priority level refuses ends with a retryable error, and completes when repeated', async () => {
  const app = { ...fixture, target: targetOf(namespace, 'refused') };
  const options = { signal: new AbortController().signal, checkLease: heldLease };
  await limit(one);
  const leave = await occupy();
  const objects = [configMap(fixture, 'refused')];
  const run = await openRun({ ...app, cluster: impatient }, { impersonate: account });
  const applying = run.apply(objects, options);

  await expect(applying).rejects.toMatchObject({ code: 'CLUSTER_BUSY', retryable: true });
  expect(await read(fixture, corePath(fixture, 'configmaps', 'refused'))).toBeUndefined();

  leave();
  const { applied } = await release(app, objects, { impersonate: account });
  expect(lines(applied)).toEqual([`created ConfigMap ${namespace}/refused`]);
});

test('an apply that its priority level admits in time does not fail', async () => {
  const app = { ...fixture, target: targetOf(namespace, 'patient') };
  await limit(one);
  const leave = await occupy();
  const releasing = release(app, [configMap(fixture, 'patient')], { impersonate: account });
  setTimeout(leave, 2_000);

  expect(lines((await releasing).applied)).toEqual([`created ConfigMap ${namespace}/patient`]);
});

test('many objects are applied through a priority level with one seat and a queue of two', async () => {
  const app = { ...fixture, target: targetOf(namespace, 'queued') };
  const queuing = { queues: 1, handSize: 1, queueLengthLimit: 2 };
  const limitResponse = { type: 'Queue', queuing };
  await limit({ nominalConcurrencyShares: 1, lendablePercent: 0, borrowingLimitPercent: 0, limitResponse });
  const objects = Array.from({ length: 60 }, (_, index) => configMap(fixture, `queued-${index}`));

  const { applied } = await release(app, objects, { impersonate: account });

  expect(applied.every(({ action }) => action === 'created')).toBe(true);
  expect(applied).toHaveLength(60);
});
