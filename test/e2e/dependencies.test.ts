import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { app } from '../support/apps.ts';
import { getObject, letGo } from '../support/cluster.ts';
import { deployment, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { type Face, type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;

beforeAll(async () => {
  slipway = await testSlipway('github');
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
});

function yaml(namespace: string, environment: string, name: string, dependsOn: string[]) {
  const environments = { [environment]: { branch: 'main', cluster: 'prod', namespace } };
  return { 'slipway.yaml': slipwayYaml(environments, { [name]: { path: `apps/${name}`, dependsOn } }) };
}

const empty = (face: Face) => testRepository(slipway, () => ({ 'README.md': 'nothing yet' }), face);

const database = (image: string) => ({ 'apps/database/all.yaml': deployment({ name: 'database', image }) });

/** `web` on GitHub in `production`, `database` on GitLab in `live`; both are of one project. */
async function both() {
  const [loans, infra] = await Promise.all([empty('github'), empty('gitlab')]);
  return {
    loans,
    infra,
    pushWeb: (dependsOn: string[], value: string) =>
      loans.push({ ...yaml(loans.namespace, 'production', 'web', dependsOn), ...app('web', value) }),
    pushDatabase: (dependsOn: string[], image: string) =>
      infra.push({ ...yaml(infra.namespace, 'live', 'database', dependsOn), ...database(image) }),
  };
}

/** The outcome of the commit's delivery, as `slipway deliveries` prints it. */
async function printed(repository: TestRepository): Promise<string> {
  const { stdout } = await slipway.cli('deliveries', '--repository', repository.id);
  return stdout;
}

describe('an app that depends on one of another repository', () => {
  it('waits for it, names it in the status, and is released without a push when it is healthy', async () => {
    const { loans, infra, pushWeb, pushDatabase } = await both();
    const name = `${infra.id}//database@live`;
    const commit = await pushWeb([name], '1');
    const pending = await loans.reported(commit, 'pending');
    expect(pending.description).toBe(`web: blocked: waits for ${name}, which has never been deployed`);
    expect(await getObject('configmap', loans.namespace, 'web')).toBeUndefined();

    const deployed = await pushDatabase([], 'database:held');
    await infra.reached('database', ['verifying'], 'live');
    const [waiting] = await loans.history('web');
    expect(waiting).toMatchObject({ number: 1, state: 'blocked' });
    await letGo(infra.namespace);
    await loans.reported(commit, 'success');
    await infra.reported(deployed, 'success', 'slipway/live');
    const [web] = await loans.history('web');
    const [first] = await infra.history('database', 'live');
    expect(web).toMatchObject({ number: 1, state: 'succeeded', attempts: 1 });
    expect(web?.endedAt).toBeGreaterThanOrEqual(first?.endedAt ?? Number.NaN);
  });

  it('is refused on its commit if it would close a dependency cycle, until the other app drops its dependency', async () => {
    const { loans, infra, pushWeb, pushDatabase } = await both();
    const name = `${infra.id}//database@live`;
    await infra.reported(await pushDatabase([], 'database:v1'), 'success', 'slipway/live');
    await loans.reported(await pushWeb([name], '1'), 'success');

    const closing = await pushDatabase([`${loans.id}//web@production`], 'database:v2');
    const refused = await infra.reported(closing, 'failure', 'slipway/config');
    const cycle = `database → ${loans.id}//web@production → database`;
    expect(refused.description).toBe(`slipway.yaml:11: apps depend on one another in a cycle: ${cycle}`);
    expect(await printed(infra)).toContain(
      `slipway.yaml:11: apps depend on one another in a cycle: ${cycle}`,
    );
    // Neither what runs there nor the other repository is affected.
    expect(JSON.stringify(await getObject('deployment', infra.namespace, 'database'))).toContain(
      'database:v1',
    );
    await loans.reported(await pushWeb([name], '2'), 'success');

    await loans.reported(await pushWeb([], '2'), 'success');
    await infra.reported(closing, 'success', 'slipway/config');
    await infra.reported(closing, 'success', 'slipway/live');
    expect(JSON.stringify(await getObject('deployment', infra.namespace, 'database'))).toContain(
      'database:v2',
    );
  });

  it('is refused on its commit if the operator keeps the repositories apart', async () => {
    const { loans, pushWeb } = await both();
    const commit = await pushWeb(['github/secret/vault//keys'], '1');
    const refused = await loans.reported(commit, 'failure', 'slipway/config');
    const reason =
      'slipway.yaml:11: apps.web.dependsOn: github/secret/vault is not a repository of project "acme"';
    expect(refused.description).toBe(reason);
    expect(await printed(loans)).toContain(reason);
    expect(await slipway.targets()).not.toContainEqual(expect.objectContaining({ repository: loans.id }));
  });
});
