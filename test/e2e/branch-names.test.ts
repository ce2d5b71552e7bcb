import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app } from '../support/apps.ts';
import { getObject } from '../support/cluster.ts';
import { slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { type TestSlipway, testSlipway } from '../support/slipway.ts';

/** Names that Git allows, each of which some tool cuts, decodes or refuses. */
const branches = {
  main: 'main',
  hash: 'release/1.0#hot-fix',
  percent: 'feature%2Fx',
  unicode: 'umgebung/größe-生产',
  plus: 'a+b&c=d',
};

const rule = { branches: ['**'], namespaces: ['loans-*'], createNamespaces: true };

function files(namespace: string, version: string): Record<string, string> {
  const environments = Object.entries(branches).map(([name, branch]) => {
    return [name, { branch, cluster: 'prod', namespace: `${namespace}-${name}` }];
  });
  const slipway = slipwayYaml(Object.fromEntries(environments), { '*': { path: 'apps/{app}' } });
  return { 'slipway.yaml': slipway, ...app('web', version) };
}

const deployed = async (repository: TestRepository, environment: string) =>
  (await getObject('configmap', `${repository.namespace}-${environment}`, 'web'))?.data;

describe.each(['github', 'gitlab'] as const)('branches on %s', (face) => {
  let slipway: TestSlipway;

  beforeAll(async () => {
    const projects = { acme: { repositories: [`${face}/acme/*`], clusters: { prod: rule } } };
    slipway = await testSlipway(face, { projects });
    await slipway.start('run');
  });
  afterAll(async () => {
    expect(errorsIn(slipway)).toEqual([]);
    await slipway.stop();
  });

  it('are each followed by their own environment, whatever characters Git allows', async () => {
    const repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }), face);
    const first = await repository.push(files(repository.namespace, 'main'));
    await repository.reported(first, 'success', 'slipway/main');
    for (const [environment, branch] of Object.entries(branches).slice(1)) {
      const commit = await repository.push(files(repository.namespace, environment), branch);
      await repository.reported(commit, 'success', `slipway/${environment}`);
    }
    for (const environment of Object.keys(branches)) {
      expect(await deployed(repository, environment)).toEqual({ value: environment });
    }
  });

  it('are not confused with a tag of the same name or a branch named HEAD', async () => {
    const repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }), face);
    const older = await repository.push(files(repository.namespace, '1'));
    await repository.reported(older, 'success', 'slipway/main');
    const newer = await repository.push(files(repository.namespace, '2'));
    await repository.reported(newer, 'success', 'slipway/main');

    await slipway.forge.createTag(face, repository.name, 'main', { sha: older });
    const tag = await repository.delivered('the tag', ({ ref }) => ref === 'refs/tags/main');
    expect(tag).toMatchObject({ state: 'ignored', targets: [] });
    const evil = await repository.push(files(repository.namespace, 'evil'), 'HEAD');
    const head = await repository.delivered('the branch HEAD', ({ commit }) => commit === evil);
    expect(head).toMatchObject({ state: 'ignored', targets: [] });
    expect(await deployed(repository, 'main')).toEqual({ value: '2' });

    const last = await repository.push(files(repository.namespace, '3'));
    await repository.reported(last, 'success', 'slipway/main');
    expect(await deployed(repository, 'main')).toEqual({ value: '3' });
  });
});
