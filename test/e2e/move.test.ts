import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KubeObject } from '../../src/model/object.ts';
import { hintOfRelease, reasonOfRelease, shown } from '../support/failures.ts';
import { kubectl } from '../support/kubectl.ts';
import { configMap, deployment, service, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;

beforeAll(async () => {
  slipway = await testSlipway('github');
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
});

interface Shape {
  namespace: string;
  apps: string[];
  environment?: string;
}

function yaml({ namespace, apps, environment = 'production' }: Shape): Record<string, string> {
  const environments = { [environment]: { branch: 'main', cluster: 'prod', namespace } };
  const folders = apps.map((name) => [name, { path: `apps/${name}` }]);
  return { 'slipway.yaml': slipwayYaml(environments, Object.fromEntries(folders)) };
}

const loanService = [deployment({ replicas: 2 }), service(), configMap('settings', { v: '1' })].join('---\n');
const files = (app: string, text: string | null = loanService) => ({ [`apps/${app}/all.yaml`]: text });

/** Kind, name and uid of the app's objects and pods: another uid means that the object was recreated. */
async function everything(namespace: string): Promise<string[]> {
  const kinds = 'deployments,replicasets,pods,services,configmaps';
  const { items } = JSON.parse(await kubectl(['get', kinds, '-n', namespace, '-o', 'json'])) as {
    items: KubeObject[];
  };
  return items
    .filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
    .map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid}`)
    .sort();
}

async function deployed(
  repository: TestRepository,
  app: string,
  shape: Partial<Shape> = {},
): Promise<string[]> {
  const { namespace } = repository;
  const commit = await repository.push({ ...yaml({ namespace, apps: [app], ...shape }), ...files(app) });
  await repository.reported(commit, 'success');
  return everything(shape.namespace ?? namespace);
}

const repositoryOf = () => testRepository(slipway, () => ({ 'README.md': 'loans' }));
const listed = async (repository: TestRepository) =>
  (await slipway.targets()).filter((target) => target.repository === repository.id).map(({ id }) => id);
const gone = (repository: TestRepository, target: string) =>
  eventually(`the end of ${target}`, async () => !(await listed(repository)).includes(target));

it('an app renamed in one merge keeps its objects and pods, and the old name disappears', async () => {
  const repository = await repositoryOf();
  const before = await deployed(repository, 'web');
  await repository.forge.createBranch(repository.face, repository.name, 'rename');
  await repository.push(
    {
      ...yaml({ namespace: repository.namespace, apps: ['loans'] }),
      ...files('web', null),
      ...files('loans'),
    },
    'rename',
  );
  const pull = await repository.merge('rename', 'merge');
  await repository.reported(pull.mergeCommitSha ?? '', 'success');

  expect(await everything(repository.namespace)).toEqual(before);
  expect(await listed(repository)).toEqual([repository.target('loans')]);
  const [last] = await repository.history('web');
  expect(shown(last)).toMatchObject({ state: 'succeeded', reason: 'moved to loans@production' });
  expect((await slipway.cli('status')).stdout).not.toContain(`web@production ${repository.id}`);
});

it('an environment renamed in one commit keeps its objects', async () => {
  const repository = await repositoryOf();
  const before = await deployed(repository, 'web');
  const { namespace } = repository;
  const commit = await repository.push(yaml({ namespace, apps: ['web'], environment: 'live' }));
  await repository.reported(commit, 'success', 'slipway/live');
  await gone(repository, repository.target('web'));

  expect(await everything(namespace)).toEqual(before);
  expect(shown((await repository.history('web'))[0])).toMatchObject({ reason: 'moved to web@live' });
});

it('a removal confirmed in the commit of a rename deletes only what the new name does not take over', async () => {
  const repository = await repositoryOf();
  const before = await deployed(repository, 'web');
  const { namespace } = repository;
  const { sha } = await slipway.forge.commit('github', repository.name, 'main', {
    files: {
      ...yaml({ namespace, apps: ['loans'] }),
      ...files('web', null),
      ...files('loans', [deployment({ replicas: 2 }), service()].join('---\n')),
    },
    message: 'Rename\n\nslipway.dev/confirm-prune: web',
  });
  await repository.reported(sha, 'success');

  expect(await everything(namespace)).toEqual(
    before.filter((line) => !line.startsWith('ConfigMap settings')),
  );
  expect(await listed(repository)).toEqual([repository.target('loans')]);
  expect(shown((await repository.history('web'))[0])).toMatchObject({
    reason: 'no longer in slipway.yaml; the rest moved to loans@production',
    summary: '1 pruned',
  });
});

it('an app moves to another repository when the old one drops it first', async () => {
  const [from, to] = [await repositoryOf(), await repositoryOf()];
  const before = await deployed(from, 'web');
  const { namespace } = from;
  const dropped = await from.push({
    ...yaml({ namespace, apps: ['other'] }),
    ...files('other', configMap('other', {})),
  });
  const held = await from.reported(dropped, 'success');
  expect(held.description).toContain('2 succeeded');
  expect((await from.history('web'))[0]).toMatchObject({ held: true });

  const taken = await to.push({ ...yaml({ namespace, apps: ['web'] }), ...files('web') });
  await to.reported(taken, 'success');
  await gone(from, from.target('web'));

  expect((await everything(namespace)).filter((line) => !line.startsWith('ConfigMap other'))).toEqual(before);
  expect(shown((await from.history('web'))[0])).toMatchObject({ reason: `moved to ${to.target('web')}` });
});

it('an app whose new repository comes first is refused there until the old one drops it, and then moves', async () => {
  const [from, to] = [await repositoryOf(), await repositoryOf()];
  const before = await deployed(from, 'web');
  const { namespace } = from;
  const early = await to.push({ ...yaml({ namespace, apps: ['web'] }), ...files('web') });
  await to.reported(early, 'failure');
  const [refused] = await to.history('web');
  expect(reasonOfRelease(refused)).toMatch(
    /^apps\/web\/all\.yaml.* it belongs to target .*, which renders it from apps\/web\/all\.yaml/,
  );
  expect(hintOfRelease(refused)).toContain(`remove it from web@production of ${from.id}, and it moves here`);
  expect(hintOfRelease(refused)).toContain('adopt: true');

  await from.push({ ...yaml({ namespace, apps: ['other'] }), ...files('other', configMap('other', {})) });
  await to.reported(early, 'success');
  await gone(from, from.target('web'));

  expect((await everything(namespace)).filter((line) => !line.startsWith('ConfigMap other'))).toEqual(before);
  expect((await to.history('web'))[0]).toMatchObject({ commit: early, cause: { kind: 'retry' } });
  expect(shown((await from.history('web'))[0])).toMatchObject({ reason: `moved to ${to.target('web')}` });
});
