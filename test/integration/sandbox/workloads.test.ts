import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import { kubectl } from '../../support/kubectl.ts';
import { uniqueNamespace } from '../../support/sandbox.ts';

const namespace = uniqueNamespace('workloads');

beforeAll(async () => void (await kubectl(['create', 'namespace', namespace])));
afterAll(async () => void (await kubectl(['delete', 'namespace', namespace, '--wait=false'])));

async function apply(...objects: object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await kubectl(['apply', '--server-side', '-n', namespace, '-f', '-'], JSON.stringify(list));
}

/** What a JSONPath finds in the namespace. */
function read(what: string, jsonPath: string): Promise<string> {
  return kubectl(['get', what, '-n', namespace, '-o', `jsonpath=${jsonPath}`]);
}

function pods(image: string, restartPolicy?: string): object {
  return { spec: { restartPolicy, containers: [{ name: 'app', image }] } };
}

function deployment(name: string, image: string, replicas = 1): object {
  const labels = { app: name };
  const template = { metadata: { labels }, ...pods(image) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

function job(name: string, image: string): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template: pods(image, 'Never') },
  };
}

const WITHIN = { timeout: PATIENCE_MS, interval: 100 };
const TIMEOUT = `--timeout=${PATIENCE_MS}ms`;

/** Unlike expect.poll, vi.waitFor can be used in concurrent tests. */
async function becomes(question: () => Promise<string>, response: string): Promise<void> {
  await vi.waitFor(async () => expect(await question()).toBe(response), WITHIN);
}

describe.concurrent('the sandbox plays the kubelet', () => {
  test('a Deployment rolls out, and its next version too', async () => {
    await apply(deployment('good', 'loan-service:v1', 3));
    await kubectl(['rollout', 'status', 'deployment/good', '-n', namespace, TIMEOUT]);

    await apply(deployment('good', 'loan-service:v2', 2));
    await kubectl(['rollout', 'status', 'deployment/good', '-n', namespace, TIMEOUT]);

    const images = '{.items[?(@.metadata.labels.app=="good")].spec.containers[0].image}';
    await becomes(() => read('pods', images), 'loan-service:v2 loan-service:v2');
  });

  test('an image :missing is backed off from, in the words of the kubelet', async () => {
    await apply(deployment('missing', 'loan-service:missing'));

    const waiting = '{.items[?(@.metadata.labels.app=="missing")].status.containerStatuses[0].state.waiting';
    await becomes(() => read('pods', `${waiting}.reason}`), 'ImagePullBackOff');
    expect(await read('pods', `${waiting}.message}`)).toContain(
      'Back-off pulling image "loan-service:missing"',
    );
  });

  test('an image :crash crashes again and again', async () => {
    await apply(deployment('crash', 'loan-service:crash'));

    const status = '{.items[?(@.metadata.labels.app=="crash")].status.containerStatuses[0]';
    await becomes(() => read('pods', `${status}.state.waiting.reason}`), 'CrashLoopBackOff');
    expect(await read('pods', `${status}.lastState.terminated.exitCode}`)).toBe('1');
    await becomes(() => read('pods', `${status}.restartCount}`), '2');
  });

  test('an image :held is ready when its pod is let go', async () => {
    const readiness = '{.items[?(@.metadata.labels.app=="held")].status.phase}';
    await apply(deployment('held', 'loan-service:held'), deployment('free', 'loan-service:v1'));
    await kubectl(['rollout', 'status', 'deployment/free', '-n', namespace, TIMEOUT]);
    expect(await read('pods', readiness)).toBe('Pending');

    await kubectl(['annotate', 'pods', '-l', 'app=held', '-n', namespace, 'sandbox/held=no']);

    await kubectl(['rollout', 'status', 'deployment/held', '-n', namespace, TIMEOUT]);
  });

  test.each([
    { image: 'migrate:v1', condition: 'Complete' },
    { image: 'migrate:fail', condition: 'Failed' },
  ])('a Job of $image ends as $condition', async ({ image, condition }) => {
    const name = condition.toLowerCase();

    await apply(job(name, image));

    const path = '{.status.conditions[?(@.status=="True")].type}';
    await vi.waitFor(async () => expect(await read(`job/${name}`, path)).toContain(condition), WITHIN);
  });

  test('a Job of :hang is still running when others are done', async () => {
    await apply(job('hang', 'migrate:hang'), job('done', 'migrate:v1'));
    await kubectl(['wait', '--for=condition=Complete', 'job/done', '-n', namespace, TIMEOUT]);

    await becomes(() => read('job/hang', '{.status.active}'), '1');
  });

  test('a claim is bound, and its volume goes with it', async () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    await apply({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec });
    await becomes(() => read('pvc/data', '{.status.phase}'), 'Bound');
    const volume = await read('pvc/data', '{.spec.volumeName}');

    await kubectl(['delete', 'pvc/data', '-n', namespace, TIMEOUT]);

    await becomes(() => kubectl(['get', 'pv', volume, '--ignore-not-found', '-o', 'name']), '');
  });

  test('a Service of type LoadBalancer gets no address', async () => {
    const spec = { type: 'LoadBalancer', selector: { app: 'good' }, ports: [{ port: 80 }] };
    await apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'balanced' }, spec });

    expect(await read('service/balanced', '{.status.loadBalancer}')).toBe('{}');
  });

  test('rights are checked, also those of somebody that the administrator impersonates', async () => {
    const asDeployer = `--as=system:serviceaccount:${namespace}:deployer`;
    await kubectl(['create', 'serviceaccount', 'deployer', '-n', namespace]);
    await expect(kubectl(['get', 'pods', '-n', namespace, asDeployer])).rejects.toThrow('forbidden');

    const subject = `--serviceaccount=${namespace}:deployer`;
    await kubectl(['create', 'rolebinding', 'deployer', '--clusterrole=view', subject, '-n', namespace]);

    await vi.waitFor(() => kubectl(['get', 'pods', '-n', namespace, '-o', 'name', asDeployer]), WITHIN);
    const token = await kubectl(['create', 'token', 'deployer', '-n', namespace]);
    expect(token.trim().split('.')).toHaveLength(3);
  });
});
