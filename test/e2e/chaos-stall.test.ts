import { afterAll, beforeAll, expect, it } from 'vitest';
import { app } from '../support/apps.ts';
import { kubectl } from '../support/kubectl.ts';
import { configMap, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, testRepository } from '../support/repository.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

const OBJECTS = 300;

let slipway: TestSlipway;

beforeAll(async () => {
  slipway = await testSlipway();
  await slipway.start('server');
  await Promise.all(['intake', 'notify'].map((name) => slipway.start('worker', name)));
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
});

function manyObjects(value: string): Record<string, string> {
  const names = Array.from({ length: OBJECTS }, (_, i) => `settings-${String(i).padStart(3, '0')}`);
  return { 'apps/web/all.yaml': names.map((name) => configMap(name, { value })).join('---\n') };
}

it('a worker that stands still beyond its lock writes nothing when it goes on', async () => {
  const stale = await slipway.start('worker', 'deploy');
  const repository = await testRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { web: { path: 'apps/web' } },
    ),
    ...app('web', 'first'),
  }));
  const values = async () => {
    const list = await kubectl(['get', 'configmaps', '-n', repository.namespace, '-o', 'json']);
    const { items } = JSON.parse(list) as { items: { data?: { value?: string } }[] };
    return items.flatMap(({ data }) => data?.value ?? []);
  };
  const old = await repository.push(manyObjects('old'));
  await eventually('some objects', async () => (await values()).includes('old'));
  stale.kill('SIGSTOP');
  const reachedBefore = (await values()).filter((value) => value === 'old').length;

  await slipway.start('worker', 'deploy');
  const next = await repository.push(manyObjects('new'));
  await repository.answered(next, 'success', 'slipway/production', 60_000);
  const all = (values: string[]) => new Set(values.filter((value) => value !== 'first'));
  expect(all(await values())).toEqual(new Set(['new']));

  stale.kill('SIGCONT');
  await eventually('the stale worker to notice', async () => /taken/.test(stale.log()));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(all(await values())).toEqual(new Set(['new']));
  expect(reachedBefore).toBeLessThan(OBJECTS);
  const history = await repository.history('web');
  expect(history[0]).toMatchObject({ commit: next, state: 'succeeded' });
  expect(history.find(({ commit }) => commit === old)).toMatchObject({
    state: 'superseded',
    supersededBy: next,
  });
});
