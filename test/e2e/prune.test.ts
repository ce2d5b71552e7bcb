import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getObject } from '../support/cluster.ts';
import { configMap, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, type TestRepository, testRepository } from '../support/repository.ts';
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

const names = ['a', 'b', 'c', 'd', 'e'];
const files = (gone: boolean): Record<string, string | null> =>
  Object.fromEntries(names.map((name) => [`web/${name}.yaml`, gone ? null : configMap(name, { name })]));

/** An app of six ConfigMaps, deployed. */
async function deployed(): Promise<TestRepository> {
  const repository = await testRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { web: { path: 'web' } },
    ),
  }));
  const commit = await repository.push({ 'web/keep.yaml': configMap('keep', { v: '1' }), ...files(false) });
  await repository.answered(commit, 'success');
  return repository;
}

describe('a commit that would delete most of an app', () => {
  it('is deployed without, says what would go, and deletes it when a later commit confirms', async () => {
    const repository = await deployed();

    const shrunk = await repository.push({ ...files(true), 'web/keep.yaml': configMap('keep', { v: '2' }) });
    const status = await repository.answered(shrunk, 'success');
    expect(status.description).toMatch(
      /^web: prune held: 5 objects would be deleted \(ConfigMap a, ConfigMap b/,
    );
    expect((await getObject('configmap', repository.namespace, 'keep'))?.data).toEqual({ v: '2' });
    expect(await getObject('configmap', repository.namespace, 'a')).toBeDefined();

    const { sha } = await slipway.forge.commit('github', repository.name, 'main', {
      files: { 'README.md': 'confirmed' },
      message: 'Remove what is old\n\nslipway.dev/confirm-prune: web',
    });
    const confirmed = await repository.answered(sha, 'success');
    expect(confirmed.description).toContain('5 pruned');
    expect(await getObject('configmap', repository.namespace, 'a')).toBeUndefined();
  });

  it('deletes it when a person asks for it', async () => {
    const repository = await deployed();
    await repository.answered(await repository.push(files(true)), 'success');
    expect((await repository.history('web'))[0]).toMatchObject({ held: true });

    await slipway.api('/api/deploy', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target: repository.target('web'), confirmPrune: true }),
    });

    await expect
      .poll(() => getObject('configmap', repository.namespace, 'e'), { timeout: 20_000 })
      .toBeUndefined();
    expect((await repository.reached('web', ['succeeded'])).held).toBeUndefined();
  });
});
