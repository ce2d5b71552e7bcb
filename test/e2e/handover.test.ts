import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KubeObject } from '../../src/model/object.ts';
import { kubectl } from '../support/kubectl.ts';
import { configMap, deployment, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, testRepository } from '../support/repository.ts';
import { type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;

beforeAll(async () => {
  slipway = await testSlipway('github');
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
});

const secret = 'apiVersion: v1\nkind: Secret\nmetadata: { name: worker }\nstringData: { a: b }\n';

/** The worker is in one of two apps, which both stay. */
function files(namespace: string, app: 'shop' | 'jobs'): Record<string, string | null> {
  const other = app === 'shop' ? 'jobs' : 'shop';
  return {
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { shop: { path: 'deploy/shop' }, jobs: { path: 'deploy/jobs' } },
    ),
    'deploy/shop/cm.yaml': configMap('shop', { v: '1' }),
    'deploy/jobs/cm.yaml': configMap('jobs', { v: '1' }),
    [`deploy/${app}/worker.yaml`]: deployment({ name: 'worker', replicas: 2 }),
    [`deploy/${app}/data.yaml`]: secret,
    [`deploy/${other}/worker.yaml`]: null,
    [`deploy/${other}/data.yaml`]: null,
  };
}

/** Kind, name and uid of the worker's objects and pods. */
async function workerIn(namespace: string): Promise<string[]> {
  const kinds = 'deployments,replicasets,pods,secrets';
  const text = await kubectl(['get', kinds, '-n', namespace, '-o', 'json']);
  const { items } = JSON.parse(text) as { items: KubeObject[] };
  return items.map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid}`).sort();
}

it('a Deployment that one commit moves to another app keeps its uid and its pods, there and back', async () => {
  const repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }));
  const { namespace } = repository;
  await repository.reported(await repository.push(files(namespace, 'shop')), 'success');
  const before = await workerIn(namespace);
  expect(before.filter((line) => line.startsWith('Pod '))).toHaveLength(2);

  for (const app of ['jobs', 'shop'] as const) {
    await repository.reported(await repository.push(files(namespace, app)), 'success');
    expect(await workerIn(namespace)).toEqual(before);
    expect((await repository.history(app))[0]).toMatchObject({ summary: '2 configured, 1 unchanged' });
  }
});
