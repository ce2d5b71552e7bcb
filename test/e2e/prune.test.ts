import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getObject } from '../support/cluster.ts';
import { reasonOfRelease } from '../support/failures.ts';
import { kubectl } from '../support/kubectl.ts';
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

function yaml(namespace: string, environments = ['production'], apps = ['web']): string {
  const lines = environments.map((name) => [name, { branch: 'main', cluster: 'prod', namespace }]);
  const folders = apps.map((name) => [name, { path: name }]);
  return slipwayYaml(Object.fromEntries(lines), Object.fromEntries(folders));
}

/** A deployed app of six ConfigMaps. */
async function deployed(): Promise<TestRepository> {
  const repository = await testRepository(slipway, (namespace) => ({ 'slipway.yaml': yaml(namespace) }));
  const commit = await repository.push({ 'web/keep.yaml': configMap('keep', { v: '1' }), ...files(false) });
  await repository.reported(commit, 'success');
  return repository;
}

describe('a commit that would delete most of an app', () => {
  it('is deployed without the deletion, lists what it would delete, and deletes it when a later commit confirms', async () => {
    const repository = await deployed();

    const shrunk = await repository.push({ ...files(true), 'web/keep.yaml': configMap('keep', { v: '2' }) });
    const status = await repository.reported(shrunk, 'success');
    expect(status.description).toMatch(
      /^web: prune held: 5 objects would be deleted, confirm with slipway.dev\/confirm-prune: web \(ConfigMap a, /,
    );
    expect((await getObject('configmap', repository.namespace, 'keep'))?.data).toEqual({ v: '2' });
    expect(await getObject('configmap', repository.namespace, 'a')).toBeDefined();

    const { sha } = await slipway.forge.commit('github', repository.name, 'main', {
      files: { 'README.md': 'confirmed' },
      message: 'Remove what is old\n\nslipway.dev/confirm-prune: web',
    });
    const confirmed = await repository.reported(sha, 'success');
    expect(confirmed.description).toContain('5 pruned');
    expect(await getObject('configmap', repository.namespace, 'a')).toBeUndefined();
  });

  it('deletes the objects when a person confirms through the API', async () => {
    const repository = await deployed();
    await repository.reported(await repository.push(files(true)), 'success');
    const [held] = await repository.history('web');
    expect(held).toMatchObject({ held: true });

    await slipway.api('/api/deploy', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target: repository.target('web'), confirmPrune: true }),
    });

    await expect.poll(() => getObject('configmap', repository.namespace, 'e')).toBeUndefined();
    const newest = async () => (await repository.history('web'))[0];
    await expect.poll(newest).toMatchObject({ number: (held?.number ?? 0) + 1, state: 'succeeded' });
    expect((await newest())?.held).toBeUndefined();
  });
});

const confirm = (repository: TestRepository, app = 'web') =>
  slipway.forge.commit('github', repository.name, 'main', {
    files: { 'README.md': app },
    message: `Remove ${app}\n\nslipway.dev/confirm-prune: ${app}`,
  });

async function parents(repository: TestRepository): Promise<string> {
  const args = ['get', 'configmaps', '-A', '-l', 'applyset.kubernetes.io/id', '-o', 'yaml'];
  return (await kubectl(args)).includes(repository.target('web')) ? 'there' : 'gone';
}

describe('an app that slipway.yaml no longer has', () => {
  it('keeps its objects until the removal is confirmed, then is deleted with its inventory', async () => {
    const repository = await deployed();
    const other = { 'other/settings.yaml': configMap('other', { v: '1' }) };
    const removed = await repository.push({
      'slipway.yaml': yaml(repository.namespace, ['production'], ['other']),
      ...other,
    });
    await repository.reported(removed, 'success');
    const [held] = await repository.history('web');
    expect(held).toMatchObject({ commit: removed, held: true });
    expect(reasonOfRelease(held)).toMatch(
      /^no longer in slipway.yaml; prune held: 6 objects would be deleted/,
    );
    expect(await getObject('configmap', repository.namespace, 'keep')).toBeDefined();

    const { sha } = await confirm(repository);
    await repository.reported(sha, 'success');
    expect(await getObject('configmap', repository.namespace, 'keep')).toBeUndefined();
    expect(await getObject('configmap', repository.namespace, 'other')).toBeDefined();
    expect(await parents(repository)).toBe('gone');
  });

  it('is deployed again when its entry comes back', async () => {
    const repository = await deployed();
    const other = { 'other/settings.yaml': configMap('other', { v: '1' }) };
    const files = { 'slipway.yaml': yaml(repository.namespace, ['production'], ['other']), ...other };
    await repository.reported(await repository.push(files), 'success');

    const back = { 'slipway.yaml': yaml(repository.namespace, ['production'], ['other', 'web']) };
    await repository.reported(await repository.push(back), 'success');

    expect((await repository.history('web'))[0]).toMatchObject({ summary: 'nothing changed' });
  });
});

it('an environment that was removed on the default branch is deleted when a person confirms', async () => {
  const repository = await testRepository(slipway, (namespace) => ({
    'slipway.yaml': yaml(namespace, ['production', 'trial'], ['web']).replace(
      `namespace: ${namespace}\napps`,
      `namespace: ${namespace}-trial\napps`,
    ),
    'web/settings.yaml': configMap('settings', { v: '1' }),
  }));
  const trial = `${repository.namespace}-trial`;
  await repository.push({ 'README.md': 'go' });
  await repository.reached('web', ['succeeded'], 'trial');

  await repository.push({ 'slipway.yaml': yaml(repository.namespace) });
  await expect.poll(async () => (await repository.history('web', 'trial'))[0]?.held).toBe(true);
  expect(await getObject('configmap', trial, 'settings')).toBeDefined();
  await confirm(repository);

  await expect.poll(() => getObject('configmap', trial, 'settings')).toBeUndefined();
  expect(await getObject('configmap', repository.namespace, 'settings')).toBeDefined();
});
