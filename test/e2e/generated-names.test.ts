import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { KubeObject } from '../../src/model/object.ts';
import { kubectl } from '../support/kubectl.ts';
import { deployment, service, slipwayYaml } from '../support/loan-service.ts';
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

const numbers = [0, 1, 2, 3];

/** Four generated ConfigMaps: a value that all of them have changes all their names. */
function kustomization(value: string, generated = numbers): Record<string, string> {
  const text = stringify({
    resources: ['deployment.yaml', 'service.yaml'],
    configMapGenerator: generated.map((n) => ({
      name: `conf${n}`,
      literals: [`release=${value}`, `n=${n}`],
    })),
  });
  return { 'deploy/web/kustomization.yaml': text };
}

function files(namespace: string): Record<string, string> {
  return {
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { web: { path: 'deploy/web' } },
    ),
    'deploy/web/deployment.yaml': deployment({ name: 'web' }),
    'deploy/web/service.yaml': service('web'),
    ...kustomization('1'),
  };
}

async function generatedIn(namespace: string): Promise<string[]> {
  const { items } = JSON.parse(await kubectl(['get', 'configmaps', '-n', namespace, '-o', 'json'])) as {
    items: KubeObject[];
  };
  return items.flatMap(({ metadata }) => (metadata.name?.startsWith('conf') ? [metadata.name] : [])).sort();
}

it('generated ConfigMaps that all change their names in each commit are pruned without a confirmation', async () => {
  const repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }));
  const { namespace } = repository;
  await repository.reported(await repository.push(files(namespace)), 'success');
  const seen = [await generatedIn(namespace)];
  for (const value of ['2', '3']) {
    await repository.reported(await repository.push(kustomization(value)), 'success');
    seen.push(await generatedIn(namespace));
    expect((await repository.history('web'))[0]).toMatchObject({
      summary: '4 created, 4 pruned, 2 unchanged',
    });
  }
  expect(seen.map((names) => names.length)).toEqual([4, 4, 4]);
  expect(new Set(seen.flat()).size).toBe(12);
});

it('generated ConfigMaps that no generator replaces are held', async () => {
  const repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }));
  const { namespace } = repository;
  await repository.reported(await repository.push(files(namespace)), 'success');
  const commit = await repository.push(kustomization('2', [0]));
  const { description } = await repository.reported(commit, 'success');
  expect(description).toContain('prune held: 4 objects would be deleted');
  expect(await generatedIn(namespace)).toHaveLength(5);
});
