import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app } from '../support/apps.ts';
import { slipwayYaml } from '../support/loan-service.ts';
import { pushRaw, type RawCommit } from '../support/raw-push.ts';
import { errorsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;

const rule = { branches: ['**'], namespaces: ['loans-*'], createNamespaces: true };

beforeAll(async () => {
  const projects = { acme: { repositories: ['github/acme/*'], clusters: { prod: rule } } };
  slipway = await testSlipway('github', { projects });
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
});

/** Two environments: production follows main, staging its own branch. */
async function loans(): Promise<TestRepository> {
  const repository = await testRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml(
      {
        production: { branch: 'main', cluster: 'prod', namespace },
        staging: { branch: 'staging', cluster: 'prod', namespace: `${namespace}-staging` },
      },
      { web: { path: 'apps/web' } },
    ),
    ...app('web', '1'),
  }));
  return repository;
}

const blob = (name: string) => ({ mode: '100644', name, content: 'x' });

describe('a commit that Git refuses', () => {
  it.each<[string, RawCommit, string]>([
    [
      'a parent folder',
      { entries: [{ mode: '40000', name: '..', content: undefined }] },
      'an entry named ".."',
    ],
    [
      'a .git folder',
      { entries: [{ mode: '40000', name: '.git', content: undefined }] },
      'an entry named ".git"',
    ],
    ['a slash', { entries: [blob('a/b')] }, 'an entry with a slash in its name'],
    ['one name twice', { entries: [blob('a'), blob('a')] }, 'a folder with two entries of one name'],
  ])('for %s hears so in plain words, and the other branch is deployed', async (_, raw, words) => {
    const repository = await loans();
    await repository.reported(await repository.push(app('web', '2')), 'success');
    await repository.push(app('web', '2'), 'staging');
    const bad = await pushRaw(repository, 'main', raw);

    const status = await repository.reported(bad, 'failure', 'slipway/config');
    expect(status.description).toContain(words);
    expect(status.description).not.toContain('/tmp');
    const good = await repository.push(app('web', '3'), 'staging');
    await repository.reported(good, 'success', 'slipway/staging');
  });
});

it('deploys a commit with a message of five megabytes', async () => {
  const repository = await loans();

  const commit = await pushRaw(repository, 'main', { message: 'x'.repeat(5 * 1024 * 1024) });

  await repository.reported(commit, 'success');
});

it('reports a file name that no file system accepts, without a path of the server', async () => {
  const repository = await loans();
  const long = `apps/web/${'n'.repeat(300)}.yaml`;

  const commit = await repository.push({ ...app('web', '2'), [long]: 'a: 1\n' });

  const status = await repository.reported(commit, 'failure');
  expect(status.description).toContain('has 305 bytes');
});
