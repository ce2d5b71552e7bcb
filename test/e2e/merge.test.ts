import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getObject } from '../support/cluster.ts';
import { configMap, deployment, service, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { type Face, type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;

beforeAll(async () => {
  slipway = await testSlipway();
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
});

const image = (object: unknown) => /"image":"([^"]+)"/.exec(JSON.stringify(object))?.[1];

/** Version 1 of a loan-service, deployed by a push to the default branch. */
async function loanService(face: Face): Promise<TestRepository> {
  const repository = await testRepository(slipway, () => ({ 'README.md': 'loans' }), face);
  const environments = { production: { branch: 'main', cluster: 'prod', namespace: repository.namespace } };
  const apps = { 'loan-service': { path: 'deploy/loan-service', failFast: '10s' } };
  const first = await repository.push({
    'slipway.yaml': slipwayYaml(environments, apps),
    'deploy/loan-service/deployment.yaml': deployment(),
    'deploy/loan-service/service.yaml': service(),
    'deploy/loan-service/settings.yaml': configMap('settings', { rate: '1' }),
  });
  await repository.reported(first, 'success');
  return repository;
}

describe.each<Face>(['github', 'gitlab'])('a merge on %s', (face) => {
  it('is deployed, becomes healthy, and is reported on the merge commit and the pull request', async () => {
    const repository = await loanService(face);
    const { namespace } = repository;
    const deployed = () => getObject('deployment', namespace, 'loan-service');
    expect(image(await deployed())).toBe('loan-service:v1');

    await repository.push(
      {
        'deploy/loan-service/deployment.yaml': deployment({ image: 'loan-service:v2', replicas: 3 }),
        'deploy/loan-service/settings.yaml': null,
      },
      'v2',
    );
    const pull = await repository.merge('v2', 'squash');
    const mergeCommit = pull.mergeCommitSha ?? '';
    for (const commit of [mergeCommit, pull.headSha]) await repository.reported(commit, 'success');
    expect(image(await deployed())).toBe('loan-service:v2');
    expect((await deployed())?.status).toMatchObject({ availableReplicas: 3 });
    expect(await getObject('configmap', namespace, 'settings')).toBeUndefined();
    const push = await repository.delivered(
      'the merge',
      (one) => one.commit === mergeCommit && one.targets.length > 0,
    );
    expect(push).toMatchObject({
      outcome: '1 of 1 targets moved',
      targets: [repository.target('loan-service')],
    });
  });

  it('with a broken image fails with the reason in the status and on the release page, and prunes nothing', async () => {
    const repository = await loanService(face);
    const commit = await repository.push({
      'deploy/loan-service/deployment.yaml': deployment({ image: 'loan-service:missing' }),
      'deploy/loan-service/settings.yaml': null,
    });
    const status = await repository.reported(commit, 'failure');
    expect(status.description).toMatch(
      /^loan-service: Deployment loan-service: .*; (pod \S+: )?ImagePullBackOff/,
    );
    const page = await fetch(status.targetUrl ?? '');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('ImagePullBackOff');
    expect(await getObject('configmap', repository.namespace, 'settings')).toBeDefined();
  });
});
