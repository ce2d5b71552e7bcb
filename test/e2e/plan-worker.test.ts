import { expect, it } from 'vitest';
import type { ChangeSet } from '../../src/model/change-set.ts';
import { kubectl } from '../support/kubectl.ts';
import { configMap, slipwayYaml } from '../support/loan-service.ts';
import { testRepository } from '../support/repository.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

/** So many that a dry run is still in progress when a test looks. */
const OBJECTS = 1_000;

const many = Array.from({ length: OBJECTS }, (_, i) => configMap(`settings-${i}`, { value: 'x' })).join(
  '---\n',
);

interface PlanResponse {
  state: string;
  plan?: { changeSet: ChangeSet };
}

const environments = (namespace: string) => ({ production: { branch: 'main', cluster: 'prod', namespace } });

/** A target that is desired, and no deploy worker; resolves to its name. */
async function undeployed(slipway: TestSlipway): Promise<string> {
  await slipway.start('server');
  await slipway.start('worker', 'intake');
  const repository = await testRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml(environments(namespace)),
  }));
  await kubectl(['create', 'namespace', repository.namespace]);
  const commit = await repository.push({ 'deploy/loan-service/many.yaml': many });
  await repository.delivered('the push', (delivery) => delivery.commit === commit);
  return repository.target('loan-service');
}

it('a plan whose worker is killed is made by another worker', async () => {
  const slipway = await testSlipway('github');
  try {
    const target = await undeployed(slipway);
    const killed = await slipway.start('worker', 'plan');
    const { id } = await slipway.api<{ id: string }>('/api/plans', {
      method: 'POST',
      body: JSON.stringify({ target }),
    });
    const read = () => slipway.api<PlanResponse>(`/api/plans/${id}`);
    await eventually('the dry run', async () => (await read()).state === 'planning');
    await killed.end('SIGKILL');
    expect((await read()).state).toBe('planning');

    await slipway.start('worker', 'plan');

    const { plan } = await eventually('the plan', async () => {
      const response = await read();
      return response.state === 'planned' && response;
    });
    expect(plan?.changeSet.changes.filter(({ action }) => action === 'created')).toHaveLength(OBJECTS);
  } finally {
    await slipway.stop();
  }
});
