import { afterAll, beforeAll, expect, it } from 'vitest';
import { asked, getObject } from '../support/cluster.ts';
import { kubectl } from '../support/kubectl.ts';
import { configMap, deployment, slipwayYaml } from '../support/loan-service.ts';
import { type TestSlipway, testSlipway } from '../support/slipway.ts';

let slipway: TestSlipway;
const target = 'loan-service@production';

beforeAll(async () => {
  slipway = await testSlipway('github');
  await slipway.start('run');
  const { forge, repo, namespace } = slipway;
  const environments = { production: { branch: 'main', cluster: 'prod', namespace } };
  await slipway.createRepository({ 'README.md': 'loans' });
  const { sha } = await forge.commit('github', repo, 'main', {
    files: {
      'slipway.yaml': slipwayYaml(environments),
      'deploy/loan-service/deployment.yaml': deployment(),
      'deploy/loan-service/old.yaml': configMap('old', { rate: '1' }),
    },
  });
  await forge.waitForStatus('github', repo, sha, { context: 'slipway/production', state: 'success' });
});
afterAll(() => slipway.stop());

it('a plan of a branch shows what would change and changes nothing', async () => {
  const { forge, repo, namespace } = slipway;
  await forge.commit('github', repo, 'feature/v2', {
    files: {
      'deploy/loan-service/deployment.yaml': deployment({ image: 'loan-service:v2' }),
      'deploy/loan-service/old.yaml': null,
      'deploy/loan-service/new.yaml': configMap('new', { rate: '2' }),
    },
  });
  const before = await getObject('deployment', namespace, 'loan-service');

  const { code, stdout, stderr } = await slipway.cli('plan', target, '--ref', 'feature/v2', '--yaml');

  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/1 created, 1 configured, 1 pruned/);
  expect(stdout).toMatch(/- +image: loan-service:v1\n.*\+ +image: loan-service:v2/);
  const after = await getObject('deployment', namespace, 'loan-service');
  expect(asked(after)).toEqual(asked(before));
  expect(await getObject('configmap', namespace, 'old')).toBeDefined();
  expect(await getObject('configmap', namespace, 'new')).toBeUndefined();
});

it('a diff shows what somebody changed by hand, and exits with 1', async () => {
  const { namespace } = slipway;
  expect(await slipway.cli('diff', target)).toMatchObject({ code: 0, stderr: '' });
  await kubectl(['set', 'image', 'deployment/loan-service', 'app=loan-service:hand', '-n', namespace]);

  const { code, stdout } = await slipway.cli('diff', target);

  expect(code).toBe(1);
  expect(stdout).toContain('- loan-service:hand');
  expect(stdout).toContain('+ loan-service:v1');
});

it('a hook is part of a plan, but not a difference between the cluster and Git', async () => {
  const { forge, repo } = slipway;
  await kubectl(['set', 'image', 'deployment/loan-service', 'app=loan-service:v1', '-n', slipway.namespace]);
  const hook = `apiVersion: batch/v1
kind: Job
metadata: { name: migrate, annotations: { slipway.dev/hook: pre-deploy } }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: app, image: "migrate:v1" }] } } }
`;
  const files = { 'deploy/loan-service/migrate.yaml': hook };
  const { sha } = await forge.commit('github', repo, 'main', { files });
  await forge.waitForStatus('github', repo, sha, { context: 'slipway/production', state: 'success' });

  const plan = await slipway.cli('plan', target);
  const diff = await slipway.cli('diff', target);

  expect(plan.stdout).toMatch(/created +Job .*\/migrate/);
  expect(diff).toMatchObject({ code: 0, stdout: expect.not.stringContaining('migrate') });
});

it('a plan of a branch that does not exist fails and names the next step', async () => {
  const { code, stderr } = await slipway.cli('plan', target, '--ref', 'nowhere');
  expect(code).toBe(1);
  expect(stderr).toMatch(/the repository has no branch nowhere[\s\S]*Name a branch/);
});

it('a plan of a new app creates all its objects and its namespace, and carries the warnings about its files', async () => {
  const { forge, repo, namespace } = slipway;
  const environments = { production: { branch: 'main', cluster: 'prod', namespace } };
  const apps = {
    'loan-service': { path: 'deploy/loan-service' },
    fresh: { path: 'deploy/fresh', namespace: `${namespace}-fresh` },
  };
  const template =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: fresh }\ndata: { a: {{ randAlpha 8 }} }\n';
  const files = {
    'slipway.yaml': slipwayYaml(environments, apps),
    'deploy/fresh/Chart.yaml': 'apiVersion: v2\nname: fresh\nversion: 1.0.0\n',
    'deploy/fresh/templates/settings.yaml': template,
  };
  await forge.commit('github', repo, 'feature/fresh', { files });

  const unnamed = await slipway.cli('plan', 'fresh@production');
  const { code, stdout } = await slipway.cli('plan', 'fresh@production', '--ref', 'feature/fresh');

  expect(unnamed).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('name its branch: --ref <branch>'),
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/\/\/fresh@production at \w{12}: 2 created\n/);
  expect(stdout).toContain(
    'warning: deploy/fresh/templates/settings.yaml:4 uses randAlpha, which gives something',
  );
  expect(stdout).toContain(`created    Namespace ${namespace}-fresh\n`);
  expect(stdout).toContain(`created    ConfigMap ${namespace}-fresh/fresh`);
  expect(await getObject('namespace', 'default', `${namespace}-fresh`)).toBeUndefined();
});

it('a release carries the warnings about its files too', async () => {
  const { forge, repo, namespace } = slipway;
  const environments = { production: { branch: 'main', cluster: 'prod', namespace } };
  const apps = { 'loan-service': { path: 'deploy/loan-service' }, random: { path: 'deploy/random' } };
  const files = {
    'slipway.yaml': slipwayYaml(environments, apps),
    'deploy/random/Chart.yaml': 'apiVersion: v2\nname: random\nversion: 1.0.0\n',
    'deploy/random/templates/settings.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: random }\ndata: { a: {{ randAlpha 8 }} }\n',
  };
  const { sha } = await forge.commit('github', repo, 'main', { files });
  await forge.waitForStatus('github', repo, sha, { context: 'slipway/production', state: 'success' });
  const [release] = await slipway.history('random@production');
  if (release?.commit !== sha) throw new Error('the newest release is of another commit');
  const warning = 'deploy/random/templates/settings.yaml:4 uses randAlpha, which gives something else';

  const { stdout } = await slipway.cli('release', 'show', release.id);

  expect(stdout).toContain(`warning: ${warning}`);
  const { url } = await slipway.api<{ url: string }>(`/api/releases/${release.id}`);
  const page = await (await fetch(url)).text();
  expect(page).toContain(`Warning: ${warning}`);
});

it('a diff that could not be computed is not reported as a difference', async () => {
  const { code, stderr } = await slipway.cli('diff', 'nothing-like-it@production');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: no target nothing-like-it@production\nSee slipway status\./);
});

it('an ignored field is no difference until slipway.yaml stops ignoring it', async () => {
  const { forge, repo, namespace } = slipway;
  const slipwayYamlWith = (ignore: object[]) =>
    slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { 'loan-service': { path: 'deploy/loan-service', ignore } },
    );
  const release = async (files: Record<string, string>) => {
    const { sha } = await forge.commit('github', repo, 'main', { files });
    await forge.waitForStatus('github', repo, sha, { context: 'slipway/production', state: 'success' });
    return getObject('deployment', namespace, 'loan-service');
  };
  await release({ 'slipway.yaml': slipwayYamlWith([{ kind: 'Deployment', path: 'spec.replicas' }]) });
  await kubectl(['scale', 'deployment/loan-service', '--replicas=3', '-n', namespace]);
  expect(await slipway.cli('diff', target)).toMatchObject({ code: 0, stderr: '' });

  const next = { 'deploy/loan-service/deployment.yaml': deployment({ image: 'loan-service:v3' }) };
  expect(await release(next)).toMatchObject({ spec: { replicas: 3 } });
  expect(await slipway.cli('diff', target)).toMatchObject({ code: 0, stderr: '' });

  // Only slipway.yaml has changed, and there is still something to deploy.
  expect(await release({ 'slipway.yaml': slipwayYamlWith([]) })).toMatchObject({ spec: { replicas: 1 } });
});
