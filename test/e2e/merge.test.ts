import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getObject } from '../support/cluster.ts';
import { configMap, deployment, service, slipwayYaml } from '../support/loan-service.ts';
import { type Face, type TestSlipway, testSlipway } from '../support/slipway.ts';

const success = { github: 'success', gitlab: 'success' };
const failure = { github: 'failure', gitlab: 'failed' };

describe.each<Face>(['github', 'gitlab'])('a merge on %s', (face) => {
  let slipway: TestSlipway;

  beforeEach(async () => {
    slipway = await testSlipway(face);
    await slipway.start('run');
  });
  afterEach(() => slipway.stop());

  it('is on the cluster, healthy, and answered on the merge commit and the pull request', async () => {
    const { forge, repo, namespace } = slipway;
    const environments = { production: { branch: 'main', cluster: 'prod', namespace } };
    await slipway.createRepository({ 'README.md': 'loans' });
    const first = await forge.commit(face, repo, 'main', {
      files: {
        'slipway.yaml': slipwayYaml(environments),
        'deploy/loan-service/deployment.yaml': deployment(),
        'deploy/loan-service/service.yaml': service(),
        'deploy/loan-service/settings.yaml': configMap('settings', { rate: '1' }),
      },
    });
    await forge.waitForStatus(face, repo, first.sha, { context: 'slipway/production', state: success[face] });
    const image = (object: unknown) => JSON.stringify(object).match(/"image":"([^"]+)"/)?.[1];
    expect(image(await getObject('deployment', namespace, 'loan-service'))).toBe('loan-service:v1');

    await forge.createBranch(face, repo, 'v2');
    await forge.commit(face, repo, 'v2', {
      files: {
        'deploy/loan-service/deployment.yaml': deployment({ image: 'loan-service:v2', replicas: 3 }),
        'deploy/loan-service/settings.yaml': null,
      },
    });
    const pull = await forge.openPullRequest(face, repo, { title: 'v2', head: 'v2' });
    const merged = await forge.mergePullRequest(face, repo, pull.number, { method: 'squash' });
    const mergeCommit = merged.mergeCommitSha ?? '';
    for (const sha of [mergeCommit, pull.headSha]) {
      await forge.waitForStatus(face, repo, sha, { context: 'slipway/production', state: success[face] });
    }

    const live = await getObject('deployment', namespace, 'loan-service');
    expect(image(live)).toBe('loan-service:v2');
    expect(live?.status).toMatchObject({ availableReplicas: 3 });
    expect(await getObject('configmap', namespace, 'settings')).toBeUndefined();
    const deliveries = await slipway.deliveries();
    expect(deliveries.some(({ outcome }) => outcome?.startsWith('1 of 1 targets moved'))).toBe(true);
  });

  it('with a broken image fails with its reason and prunes nothing', async () => {
    const { forge, repo, namespace } = slipway;
    const environments = { production: { branch: 'main', cluster: 'prod', namespace } };
    const apps = { 'loan-service': { path: 'deploy/loan-service', failFast: '1s' } };
    await slipway.createRepository({
      'slipway.yaml': slipwayYaml(environments, apps),
      'deploy/loan-service/deployment.yaml': deployment({ image: 'loan-service:missing' }),
    });
    const { sha } = await forge.commit(face, repo, 'main', { files: { 'README.md': 'go' } });
    const status = await forge.waitForStatus(face, repo, sha, {
      context: 'slipway/production',
      state: failure[face],
    });
    expect(status.description).toMatch(
      /^loan-service: Deployment loan-service: 0 of 1 pods ready; pod .*ImagePullBackOff/,
    );
    expect(status.targetUrl).toMatch(/\/releases\/.+sig=/);
  });
});
