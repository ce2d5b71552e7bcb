import { afterAll } from 'vitest';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import { createKubeClient, type KubeClient } from '../../../src/kube/client/client.ts';
import { createCluster, type OpenCluster } from '../../../src/kube/cluster.ts';
import type { ClusterInput } from '../../../src/kube/input.ts';
import type { ObjectChange } from '../../../src/model/change-set.ts';
import {
  describeRef,
  type JsonObject,
  type KubeObject,
  type RenderedObject,
} from '../../../src/model/object.ts';
import { type Target, targetId } from '../../../src/model/target.ts';
import type { ClusterRun, ClusterWork, LeaseCheck, ParentRecord } from '../../../src/ports/cluster.ts';
import { takesPods } from '../../support/cluster.ts';
import { sandbox, uniqueNamespace } from '../../support/sandbox.ts';

export const heldLease: LeaseCheck = async () => {};

/** One cluster as Slipway sees it, with a state namespace and a target namespace of this test file. */
export interface Fixture {
  cluster: OpenCluster;
  /** As cluster administrator, for what others do to the objects. */
  admin: KubeClient;
  input: ClusterInput;
  target: Target;
  namespace: string;
}

/**
 * Call at the top of a test file: what it creates is removed after its tests. It waits long for the API server of a busy
 * machine, unless a test sets another timeout.
 */
export function startFixture(change: Partial<ClusterInput> = {}, kubeconfig = sandbox().kubeconfig): Fixture {
  const namespace = uniqueNamespace('kube');
  const input: ClusterInput = {
    name: 'sandbox',
    kubeconfig: { files: [kubeconfig] },
    stateNamespace: uniqueNamespace('state'),
    maxRequests: 8,
    timeoutMs: PATIENCE_MS,
    retryBudgetMs: PATIENCE_MS,
    ...change,
  };
  const cluster = createCluster(input);
  const admin = createKubeClient({ ...input, kubeconfig: { files: [kubeconfig] } });
  afterAll(async () => {
    for (const name of [namespace, input.stateNamespace]) {
      await admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${name}` }).catch(() => undefined);
    }
    await Promise.all([cluster.close(), admin.close()]);
  });
  return { cluster, admin, input, namespace, target: targetOf(namespace) };
}

export function targetOf(namespace: string, app = 'web'): Target {
  const composition = { repository: 'github/acme/loans', app, environment: namespace };
  return {
    ...composition,
    id: targetId(composition),
    branch: 'main',
    cluster: 'sandbox',
    namespace,
    path: '.',
    helm: { releaseName: app, values: [] },
    dependsOn: [],
    timeoutMs: PATIENCE_MS,
    failFastMs: 1_000,
  };
}

export function rendered(object: JsonObject, file = 'app.yaml'): RenderedObject {
  return { object: object as KubeObject, source: { file, line: 1 } };
}

export function namespaceObject(name: string, annotations: JsonObject = {}): RenderedObject {
  return rendered({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, annotations } });
}

export function configMap(fixture: Fixture, name: string, data: JsonObject = {}, metadata: JsonObject = {}) {
  return rendered(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: fixture.namespace, ...metadata },
      data,
    },
    `${name}.yaml`,
  );
}

export async function createNamespace(fixture: Fixture, name = fixture.namespace): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await fixture.admin.request({ method: 'POST', path: '/api/v1/namespaces', body });
  await takesPods(fixture.admin, name);
}

export async function openRun(fixture: Fixture, work: Partial<ClusterWork> = {}): Promise<ClusterRun> {
  const { target } = fixture;
  return fixture.cluster.open({ target, createNamespaces: false, ...work }, new AbortController().signal);
}

export interface Released {
  run: ClusterRun;
  applied: ObjectChange[];
  pruned: ObjectChange[];
}

/** Apply, prune and record, as a release does it (without waiting for health). */
export async function release(
  fixture: Fixture,
  objects: RenderedObject[],
  work: Partial<ClusterWork> = {},
): Promise<Released> {
  const run = await openRun(fixture, work);
  const options = { signal: new AbortController().signal, checkLease: heldLease };
  const { changes: applied } = await run.apply(objects, options);
  const failed = applied.some(({ action }) => action === 'failed');
  const pruned = failed ? [] : (await run.prune(objects, options)).changes;
  await run.writeRecord(recordOf(fixture), failed ? undefined : objects, heldLease);
  return { run, applied, pruned };
}

export function recordOf(fixture: Fixture, number = 1): ParentRecord {
  const line = {
    number,
    commit: 'abc',
    contentKey: 'key',
    state: 'succeeded',
    at: '2026-01-01T00:00:00Z',
  } as const;
  return { target: fixture.target.id, inForce: line, history: [line] };
}

/** `created ConfigMap ns/a`, for comparing at a glance. */
export function lines(changes: ObjectChange[]): string[] {
  return changes.map(({ action, ref }) => `${action} ${describeRef(ref)}`);
}

/** The object at a path; undefined if there is none. */
export async function read(fixture: Fixture, path: string): Promise<KubeObject | undefined> {
  const response = await fixture.admin.request({ path }).catch((error: Error & { code?: string }) => {
    if (error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
  return response?.body as KubeObject | undefined;
}

export function corePath(fixture: Fixture, resource: string, name: string): string {
  return `/api/v1/namespaces/${fixture.namespace}/${resource}/${name}`;
}

/** What somebody else does to an object. */
export async function patch(fixture: Fixture, path: string, body: JsonObject, fieldManager = 'kubectl-edit') {
  await fixture.admin.request({
    method: 'PATCH',
    path,
    body,
    query: { fieldManager },
    contentType: 'application/merge-patch+json',
  });
}
