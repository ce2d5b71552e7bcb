import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app, appsYaml } from '../support/apps.ts';
import { getObject } from '../support/cluster.ts';
import { slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, secretsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

const rule = { branches: ['*'], namespaces: ['loans-*'], createNamespaces: true };

let slipway: TestSlipway;

beforeAll(async () => {
  const projects = { acme: { repositories: ['github/acme/*'], clusters: { prod: rule, staging: rule } } };
  slipway = await testSlipway('github', { projects });
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  expect(secretsIn(slipway, slipway.logs())).toEqual([]);
  await slipway.stop();
});

/** A repository whose first commit is deployed and reported, so that a test begins with its own push. */
async function settled(environments?: Record<string, string>): Promise<TestRepository> {
  const repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }));
  const { namespace } = repository;
  const first = await repository.push({
    'slipway.yaml': appsYaml(namespace, environments),
    ...app('web', '1'),
    ...app('api', '1'),
  });
  await repository.reported(first, 'success');
  return repository;
}

const value = async (namespace: string, name: string) =>
  (await getObject('configmap', namespace, name))?.data as { value: string } | undefined;

describe('a push', () => {
  it('to a branch that no environment follows is ignored with that reason', async () => {
    const repository = await settled();
    const commit = await repository.push(app('web', '2'), 'feature/x');
    const delivery = await repository.delivered('the push', (one) => one.commit === commit);
    expect(delivery).toMatchObject({
      state: 'ignored',
      outcome: 'no environment follows branch feature/x',
      targets: [],
    });
    expect(await repository.history('web')).toHaveLength(1);
    expect(await repository.lastStatuses(commit)).toEqual({});
  });

  it('that changes one app releases only that app', async () => {
    const repository = await settled();
    const commit = await repository.push(app('web', '2'));
    await repository.reported(commit, 'success');
    expect(await value(repository.namespace, 'web')).toEqual({ value: '2' });
    expect(await repository.history('web')).toHaveLength(2);
    expect(await repository.history('api')).toHaveLength(1);
    const delivery = await repository.delivered('the push', (one) => one.commit === commit);
    expect(delivery).toMatchObject({
      outcome: '1 of 2 targets moved',
      targets: [repository.target('web')],
    });
  });

  it.each(['merge', 'squash', 'rebase'] as const)(
    'by a %s releases what the pull request changed',
    async (method) => {
      const repository = await settled();
      await repository.push(app('web', '2'), 'work');
      const pull = await repository.merge('work', method);
      for (const commit of [pull.mergeCommitSha ?? '', pull.headSha]) {
        const status = await repository.reported(commit, 'success');
        expect(status.description).toMatch(/^web: 1 configured/);
      }
      expect(await value(repository.namespace, 'web')).toEqual({ value: '2' });
      expect(await repository.history('api')).toHaveLength(1);
    },
  );

  it('that changes no file reports that there is nothing to deploy', async () => {
    const repository = await settled();
    const commit = await repository.push({});
    const status = await repository.reported(commit, 'success');
    expect(status.description).toBe('nothing to deploy');
    expect(await repository.history('web')).toHaveLength(1);
  });

  it('by force to an older commit deploys that commit again', async () => {
    const repository = await settled();
    const { forge, face, name } = repository;
    const first = (await forge.head(face, name, 'main')) ?? '';
    const second = await repository.push(app('web', '2'));
    await repository.reported(second, 'success');
    await forge.resetBranch(face, name, 'main', first);
    const back = await eventually('the third release', async () => {
      const [newest] = await repository.history('web');
      return newest?.number === 3 && newest.endedAt ? newest : undefined;
    });
    expect(back).toMatchObject({ state: 'succeeded', commit: first });
    expect(await value(repository.namespace, 'web')).toEqual({ value: '1' });
  });

  it('that deletes a followed branch deploys nothing and deletes nothing', async () => {
    const repository = await settled({ production: 'main', staging: 'staging' });
    const { forge, face, name, namespace } = repository;
    const commit = await repository.push(app('web', 's'), 'staging');
    await repository.reported(commit, 'success', 'slipway/staging');
    await forge.deleteBranch(face, name, 'staging');
    const delivery = await repository.delivered('the deletion', ({ outcome = '' }) =>
      /staging.*(deleted|gone)/.test(outcome),
    );
    expect(delivery).toMatchObject({ state: 'ignored', targets: [] });
    expect(await value(`${namespace}-staging`, 'web')).toEqual({ value: 's' });
  });

  it('that creates a followed branch deploys it', async () => {
    const repository = await settled({ production: 'main', staging: 'staging' });
    const { forge, face, name, namespace } = repository;
    const { sha } = await forge.createBranch(face, name, 'staging');
    await repository.reported(sha, 'success', 'slipway/staging');
    expect(await value(`${namespace}-staging`, 'web')).toEqual({ value: '1' });
  });

  it('to a branch that two environments follow deploys to both and reports both', async () => {
    const repository = await settled({ production: 'main', canary: 'main' });
    const { namespace } = repository;
    const commit = await repository.push(app('web', '2'));
    await repository.reported(commit, 'success', 'slipway/production');
    await repository.reported(commit, 'success', 'slipway/canary/web');
    expect(await value(namespace, 'web')).toEqual({ value: '2' });
    expect(await value(`${namespace}-canary`, 'web')).toEqual({ value: '2' });
  });

  it('to a repository of 200 apps releases only the app that it changes', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `app-${i}`);
    const repository = await testRepository(slipway, (namespace) => ({
      'slipway.yaml': appsYaml(namespace),
      ...Object.assign({}, ...names.map((name) => app(name, '1'))),
    }));
    const first = await repository.push({ 'README.md': 'go' });
    const status = await repository.reported(first, 'success', 'slipway/production');
    expect(status.description).toBe('200 succeeded');
    expect(Object.keys(await repository.lastStatuses(first))).toEqual(['slipway/production']);

    const commit = await repository.push(app('app-150', '2'));
    await repository.reported(commit, 'success', 'slipway/production/app-150');
    const releases = async () => (await Promise.all(names.map((name) => repository.history(name)))).flat();
    expect((await releases()).filter((release) => release.commit === commit)).toHaveLength(1);
    expect(await releases()).toHaveLength(201);
  });
});

describe('slipway.yaml', () => {
  it('that is invalid fails the commit and keeps the last good state', async () => {
    const repository = await settled();
    const good = appsYaml(repository.namespace);
    const commit = await repository.push({
      'slipway.yaml': good.replace('cluster:', 'clutser:'),
      ...app('web', '2'),
    });
    const status = await repository.reported(commit, 'failure', 'slipway/config');
    expect(status.description).toMatch(/^slipway\.yaml:5: .*clutser.*cluster/);
    const delivery = await repository.delivered('the push', (one) => one.commit === commit);
    expect(delivery).toMatchObject({ state: 'failed', outcome: expect.stringContaining('clutser') });
    expect(await repository.history('web')).toHaveLength(1);
    expect(await value(repository.namespace, 'web')).toEqual({ value: '1' });

    const fixed = await repository.push({ 'slipway.yaml': good });
    await repository.reported(fixed, 'success');
    expect(await value(repository.namespace, 'web')).toEqual({ value: '2' });
  });

  it('that is invalid in the first commit fails that commit', async () => {
    const repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }));
    const commit = await repository.push({ 'slipway.yaml': 'version: 1\nenvironmets: {}\n' });
    const status = await repository.reported(commit, 'failure', 'slipway/config');
    expect(status.description).toMatch(/^slipway\.yaml:2: .*environmets.*environments/);
    const delivery = await repository.delivered('the push', (one) => one.commit === commit);
    expect(delivery.state).toBe('failed');
  });

  it('that is invalid on the default branch does not stop other branches', async () => {
    const repository = await settled({ production: 'main', staging: 'staging' });
    const staging = await repository.push(app('web', 's1'), 'staging');
    await repository.reported(staging, 'success', 'slipway/staging');
    const broken = await repository.push({ 'slipway.yaml': 'version: 2\n' });
    await repository.reported(broken, 'failure', 'slipway/config');
    const commit = await repository.push(app('web', 's2'), 'staging');
    await repository.reported(commit, 'success', 'slipway/staging');
    expect(await value(`${repository.namespace}-staging`, 'web')).toEqual({ value: 's2' });
  });

  it('of an unfollowed branch cannot make that branch production', async () => {
    const repository = await settled();
    const commit = await repository.push(
      { 'slipway.yaml': appsYaml(repository.namespace, { production: 'dev' }), ...app('web', 'evil') },
      'dev',
    );
    const delivery = await repository.delivered('the push', (one) => one.commit === commit);
    expect(delivery.outcome).toBe('no environment follows branch dev');
    expect(await value(repository.namespace, 'web')).toEqual({ value: '1' });
  });

  it('of the staging branch cannot make that branch production too', async () => {
    const repository = await settled({ production: 'main', staging: 'staging' });
    const commit = await repository.push(
      {
        'slipway.yaml': appsYaml(repository.namespace, { production: 'staging', staging: 'staging' }),
        ...app('web', 'evil'),
      },
      'staging',
    );
    await repository.reported(commit, 'success', 'slipway/staging');
    expect(await value(`${repository.namespace}-staging`, 'web')).toEqual({ value: 'evil' });
    expect(await value(repository.namespace, 'web')).toEqual({ value: '1' });
    expect(await repository.history('web')).toHaveLength(1);
  });
});

describe('a target', () => {
  it('that a rule refuses fails the commit, and the status names the rule', async () => {
    const repository = await settled();
    const environments = { production: { branch: 'main', cluster: 'prod', namespace: 'kube-system' } };
    const commit = await repository.push({
      'slipway.yaml': slipwayYaml(environments, { web: { path: 'apps/web' }, api: { path: 'apps/api' } }),
    });
    const status = await repository.reported(commit, 'failure');
    expect(status.description).toMatch(
      /^2 failed; (web|api): \1@production: project "acme" may not write to namespace kube-system/,
    );
    expect(await getObject('configmap', 'kube-system', 'web')).toBeUndefined();
    expect(await repository.history('web')).toHaveLength(1);
  });

  it('fails if its folder is missing, names the nearest one, and prunes nothing', async () => {
    const repository = await settled();
    const { namespace } = repository;
    const environments = { production: { branch: 'main', cluster: 'prod', namespace } };
    const commit = await repository.push({
      'slipway.yaml': slipwayYaml(environments, { web: { path: 'apps/wbe' }, api: { path: 'apps/api' } }),
    });
    const status = await repository.reported(commit, 'failure', 'slipway/production/web');
    expect(status.description).toBe(
      'slipway.yaml:8: folder apps/wbe does not exist at this commit; did you mean "apps/web"?',
    );
    await repository.reported(commit, 'failure');
    expect(await value(namespace, 'web')).toEqual({ value: '1' });
  });

  it('keeps its objects when its folder is deleted', async () => {
    const repository = await settled();
    const commit = await repository.push({ 'apps/web/settings.yaml': null });
    await repository.delivered('the push', (one) => one.commit === commit);
    expect(await value(repository.namespace, 'web')).toEqual({ value: '1' });
  });
});
