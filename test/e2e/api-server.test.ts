import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Folder, makeFolder } from '../../sandbox/folder.ts';
import type { Status } from '../../sandbox/forge/protocol.ts';
import { type Kubernetes, startKubernetes } from '../../sandbox/kubernetes/kubernetes.ts';
import { createKubeClient, type KubeClient } from '../../src/kube/client/client.ts';
import { clusterDefaults } from '../../src/kube/input.ts';
import { letGo, takesPods } from '../support/cluster.ts';
import { configMap, deployment, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { sandbox } from '../support/sandbox.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

/** A cluster of this file alone, whose API server may be stopped without disturbing other tests. */
let folder: Folder;
let kubernetes: Kubernetes;
let slipway: TestSlipway;
let admin: KubeClient;

beforeAll(async () => {
  folder = await makeFolder();
  const { programs } = sandbox();
  kubernetes = await startKubernetes({ dir: folder.path, programs });
  const { kubeconfig, apiServerUrl } = kubernetes;
  admin = createKubeClient({ name: 'sandbox', kubeconfig: { files: [kubeconfig] }, ...clusterDefaults });
  const own = { ...sandbox(), kubeconfig, apiServerUrl };
  // Few requests at a time keep a release of many objects running long enough to be interrupted.
  slipway = await testSlipway('github', { sandbox: own, maxRequests: 2 });
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await Promise.all([slipway.stop(), admin.close()]);
  await kubernetes.stop();
  await folder.remove();
});

const repositoryOf = () =>
  testRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { web: { path: 'web' } },
    ),
  }));

async function configMapsIn(namespace: string): Promise<string[]> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const { body } = await admin.request({ path, query: { labelSelector: 'applyset.kubernetes.io/part-of' } });
  return (body.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
}

function items(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => configMap(`item-${from + index}`, { v: '1' })).join(
    '---\n',
  );
}

/** Waits until the release has given up on its requests and is retried. */
function triedAgain(repository: TestRepository, commit: string): Promise<Status> {
  return eventually('a status about the retry', async () => {
    const { 'slipway/production': status } = await repository.lastStatuses(commit);
    return status?.description?.includes('retrying') && status;
  });
}

it('a release that loses its API server half-way is completed when the server is back, and reports every change', async () => {
  const count = 600;
  const repository = await repositoryOf();
  const commit = await repository.push({ 'web/items.yaml': items(0, count) });
  await eventually('some of the objects', async () => (await configMapsIn(repository.namespace)).length > 50);

  await kubernetes.apiServer.stop('SIGKILL');
  await triedAgain(repository, commit);
  await kubernetes.apiServer.start();

  const status = await repository.reported(commit, 'success', 'slipway/production/web');
  expect(status.description).toBe(`${count + 1} created`);
  expect(await configMapsIn(repository.namespace)).toHaveLength(count);
  expect(await repository.history('web')).toMatchObject([{ number: 1, state: 'succeeded' }]);
});

it('an API server that restarts while a release verifies loses nothing and deletes nothing wrong', async () => {
  const repository = await repositoryOf();
  const first = await repository.push({
    'web/items.yaml': items(0, 4),
    'web/old.yaml': configMap('old', { v: '1' }),
  });
  await repository.reported(first, 'success');
  // After an outage a cluster may create the service account late, and pods that are refused without it fail a release.
  await takesPods(admin, repository.namespace);
  const second = await repository.push({
    'web/old.yaml': null,
    'web/deployment.yaml': deployment({ name: 'web', image: 'web:held' }),
  });
  await repository.reached('web', ['verifying']);

  await kubernetes.apiServer.stop();
  await kubernetes.apiServer.start();
  await letGo(repository.namespace, kubernetes.kubeconfig);

  const status = await repository.reported(second, 'success');
  expect(status.description).toBe('web: 1 created, 1 pruned, 4 unchanged');
  expect(await configMapsIn(repository.namespace)).toEqual(['item-0', 'item-1', 'item-2', 'item-3']);
});

it('a push while the API server is down waits, reports why, and is deployed when the server is back', async () => {
  const repository = await repositoryOf();
  await kubernetes.apiServer.stop();
  const commit = await repository.push({ 'web/items.yaml': items(0, 1) });
  const status = await triedAgain(repository, commit);
  await kubernetes.apiServer.start();

  await repository.reported(commit, 'success');
  expect(status.description).toMatch(
    /^web: queued: retrying: cluster prod cannot be reached: the connection was refused/,
  );
});
