import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { getObject } from '../support/cluster.ts';
import { reasonOfRelease } from '../support/failures.ts';
import { kubectl } from '../support/kubectl.ts';
import { configMap, deployment, service, slipwayYaml } from '../support/loan-service.ts';
import { type DocumentedRights, documentedRights } from '../support/rights.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

/** At least one object of every kind that the deployer of docs/rbac.yaml may write. */
const app = {
  'deployment.yaml': deployment(),
  'service.yaml': service(),
  'settings.yaml': configMap('settings', { rate: '1' }),
  'others.yaml': [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, stringData: { key: 'secret' } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'loans' } },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', annotations: { 'slipway.dev/prune': 'allowed' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'migrate' },
      spec: {
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'job:v1' }] } },
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'loans' },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'loan-service' } } },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'loans' },
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    },
  ]
    .map((object) => stringify(object))
    .join('---\n'),
};

describe('with the rights of docs/rbac.yaml and no others', () => {
  let rights: DocumentedRights;
  let slipway: TestSlipway;
  let [own, loans] = ['', ''];

  beforeAll(async () => {
    rights = await documentedRights();
    ({ own, loans } = rights);
    expect(rights.clusterWide).toEqual(['slipway-view', 'slipway-reads', 'slipway-reads']);
    slipway = await testSlipway('github', rights.options);
    await slipway.start('run');
  });
  afterAll(async () => {
    await slipway.stop();
    await rights.remove();
  });

  it('a merge is applied, verified, pruned and recorded', async () => {
    const { forge, repo } = slipway;
    const files = Object.fromEntries(Object.entries(app).map(([name, text]) => [`deploy/${name}`, text]));
    const environments = { production: { branch: 'main', cluster: 'prod', namespace: loans } };
    await slipway.createRepository({
      'slipway.yaml': slipwayYaml(environments, { loans: { path: 'deploy' } }),
      ...files,
    });
    const first = await forge.commit('github', repo, 'main', { files: { 'README.md': 'go' } });
    await expectSuccess(slipway, first.sha);
    expect((await getObject('deployment', loans, 'loan-service'))?.status).toMatchObject({
      readyReplicas: 1,
    });

    const second = await forge.commit('github', repo, 'main', {
      files: { 'deploy/others.yaml': null, 'deploy/settings.yaml': configMap('settings', { rate: '2' }) },
      message: 'Without the others\n\nslipway.dev/confirm-prune: loans',
    });
    await expectSuccess(slipway, second.sha);
    expect(await getObject('secret', loans, 'key')).toBeUndefined();
    const [release] = await slipway.history(`github/${repo}//loans@production`);
    expect(release?.summary).toBe('1 configured, 6 pruned, 2 unchanged');
    expect(await kubectl(['get', 'configmap', '-n', own, '-o', 'name'])).toMatch(/slipway-loans-production-/);
  });

  it('an object that the deployer may not write is refused, and the error names the missing right and the account', async () => {
    const { forge, repo } = slipway;
    const limits = {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'all' },
      spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] },
    };
    const { sha } = await forge.commit('github', repo, 'main', {
      files: { 'deploy/limits.yaml': stringify(limits) },
    });
    const release = await eventually('the refused release', async () => {
      const [newest] = await slipway.history(`github/${repo}//loans@production`);
      return newest?.commit === sha && newest.state === 'failed' && newest;
    });
    expect(reasonOfRelease(release)).toContain(
      `the account system:serviceaccount:${loans}:deployer may not patch limitranges in namespace ${loans}`,
    );
  });

  it.each([
    ['get', 'pods', 'yes'],
    ['impersonate', 'serviceaccounts/deployer', 'yes'],
    ['impersonate', 'serviceaccounts/default', 'no'],
    ['impersonate', 'users', 'no'],
    ['get', 'secrets', 'no'],
    ['create', 'deployments', 'no'],
    ['delete', 'configmaps', 'no'],
  ])("may Slipway's own account %s %s in the project? %s", async (verb, resource, wanted) => {
    const as = `--as=system:serviceaccount:${own}:slipway`;
    // `auth can-i --quiet` says no with exit code 1 and no output.
    const response = kubectl(['auth', 'can-i', verb, resource, '-n', loans, as, '--quiet']);
    const said = await response.then(
      () => 'yes',
      (error: Error) => (error.message.endsWith(': ') ? 'no' : error.message),
    );
    expect(said).toBe(wanted);
  });
});

async function expectSuccess({ forge, repo }: TestSlipway, sha: string): Promise<void> {
  await forge.waitForStatus('github', repo, sha, { context: 'slipway/production', state: 'success' });
}
