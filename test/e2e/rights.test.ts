import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { KubeObject } from '../../src/model/object.ts';
import { getObject } from '../support/cluster.ts';
import { reasonOfRelease } from '../support/failures.ts';
import { kubectl } from '../support/kubectl.ts';
import { configMap, deployment, service, slipwayYaml } from '../support/loan-service.ts';
import { uniqueNamespace } from '../support/sandbox.ts';
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
  const own = uniqueNamespace('slipway');
  const loans = uniqueNamespace('loans');
  let dir: string;
  let slipway: TestSlipway;

  beforeAll(async () => {
    const clusterWide = await applyRights(own, loans);
    expect(clusterWide).toEqual(['slipway-view', 'slipway-reads', 'slipway-reads']);
    dir = await mkdtemp(join(tmpdir(), 'slipway-rights-'));
    const kubeconfig = await accountKubeconfig(own, join(dir, 'kubeconfig.yaml'));
    const rule = {
      branches: ['main'],
      namespaces: [loans],
      impersonate: `system:serviceaccount:${loans}:deployer`,
    };
    const projects = { loans: { repositories: ['github/acme/*'], clusters: { prod: rule } } };
    slipway = await testSlipway('github', { kubeconfig, projects, stateNamespace: own });
    await slipway.start('run');
  });
  afterAll(async () => {
    await slipway.stop();
    await rm(dir, { recursive: true });
    for (const kind of ['clusterrolebinding', 'clusterrole']) {
      await kubectl(['delete', kind, '-l', `slipway-test=${own}`]);
    }
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
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'all' },
      rules: [],
    };
    const { sha } = await forge.commit('github', repo, 'main', {
      files: { 'deploy/role.yaml': stringify(role) },
    });
    const release = await eventually('the refused release', async () => {
      const [newest] = await slipway.history(`github/${repo}//loans@production`);
      return newest?.commit === sha && newest.state === 'failed' && newest;
    });
    expect(reasonOfRelease(release)).toContain(
      `the account system:serviceaccount:${loans}:deployer may not patch roles.rbac.authorization.k8s.io in namespace ${loans}`,
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

/** Applies docs/rbac.yaml under names of this test alone; returns the names of its cluster-scoped objects. */
async function applyRights(own: string, loans: string): Promise<string[]> {
  const text = await readFile(new URL('../../docs/rbac.yaml', import.meta.url), 'utf8');
  const names: string[] = [];
  const objects = parseAllDocuments(text.replaceAll(/\bloans\b/g, loans)).map((document) => {
    const object = document.toJS() as KubeObject & {
      roleRef?: { name: string };
      subjects?: { namespace: string }[];
    };
    const { metadata, roleRef, subjects, kind } = object;
    if (metadata.namespace === 'slipway') metadata.namespace = own;
    if (kind === 'Namespace' && metadata.name === 'slipway') metadata.name = own;
    for (const subject of subjects ?? []) if (subject.namespace === 'slipway') subject.namespace = own;
    if (!kind.startsWith('Cluster')) return object;
    names.push(metadata.name ?? '');
    if (roleRef?.name === 'slipway-reads') roleRef.name += `-${own}`;
    metadata.name += `-${own}`;
    metadata.labels = { 'slipway-test': own };
    return object;
  });
  await kubectl(['apply', '-f', '-'], objects.map((object) => stringify(object)).join('---\n'));
  return names;
}

/** The administrator's kubeconfig with the token of Slipway's own account in place of the administrator's. */
async function accountKubeconfig(own: string, file: string): Promise<string> {
  const token = await eventually('the token', async () => {
    const secret = await getObject('secret', own, 'slipway-token');
    const data = secret?.data as { token?: string } | undefined;
    return data?.token && Buffer.from(data.token, 'base64').toString();
  });
  const admin = parse(await kubectl(['config', 'view', '--raw', '--minify']));
  admin.users = admin.users.map(({ name }: { name: string }) => ({ name, user: { token } }));
  await writeFile(file, stringify(admin), { mode: 0o600 });
  return file;
}
