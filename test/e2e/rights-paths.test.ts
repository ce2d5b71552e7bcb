import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { getObject } from '../support/cluster.ts';
import { kubectl } from '../support/kubectl.ts';
import { configMap, deployment, service, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn } from '../support/repository.ts';
import { type DocumentedRights, documentedRights } from '../support/rights.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

/** The main paths of a release under exactly the rights of docs/rbac.yaml, one after the other on one repository. */
let rights: DocumentedRights;
let slipway: TestSlipway;

beforeAll(async () => {
  rights = await documentedRights();
  slipway = await testSlipway('github', rights.options);
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
  await rights.remove();
});

const rbac = 'rbac.authorization.k8s.io';
const recreate = { 'slipway.dev/recreate': 'allowed' };

function role(name: string, annotations: Record<string, string> = {}): string {
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }];
  return stringify({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name, annotations }, rules });
}

function binding(name: string, to: string, annotations: Record<string, string> = {}): string {
  return stringify({
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name, annotations },
    roleRef: { apiGroup: rbac, kind: 'Role', name: to },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: rights.loans }],
  });
}

function secret(
  name: string,
  key: string,
  annotations: Record<string, string> = {},
  immutable = true,
): string {
  const metadata = { name, annotations };
  return stringify({ apiVersion: 'v1', kind: 'Secret', metadata, immutable, stringData: { key } });
}

function account(name: string, annotations: Record<string, string> = {}): string {
  return stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, annotations } });
}

function job(name: string, annotations: Record<string, string>): string {
  const spec = {
    restartPolicy: 'Never',
    serviceAccountName: 'migrate',
    containers: [{ name: 'job', image: 'job:v1' }],
  };
  return stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations },
    spec: { backoffLimit: 0, template: { spec } },
  });
}

function config(...apps: string[]): Record<string, string> {
  const environments = { production: { branch: 'main', cluster: 'prod', namespace: rights.loans } };
  const folders = apps.map((name) => [name, { path: `deploy/${name}`, failFast: '1s' }]);
  return { 'slipway.yaml': slipwayYaml(environments, Object.fromEntries(folders)) };
}

async function push(
  files: Record<string, string | null>,
  message = 'Change',
  state: 'success' | 'failure' = 'success',
): Promise<string> {
  const { forge, repo } = slipway;
  const { sha } = await forge.commit('github', repo, 'main', { files, message });
  const last = await eventually(`the end of ${sha}`, async () => {
    const all = await forge.statuses('github', repo, sha);
    const found = all.filter(({ context }) => context === 'slipway/production').at(-1);
    return found && found.state !== 'pending' && found;
  });
  expect(last).toMatchObject({ state });
  return sha;
}

async function summaryOf(app: string): Promise<string | undefined> {
  const [newest] = await slipway.history(`github/${slipway.repo}//${app}@production`);
  return newest?.summary;
}

async function keyOf(name: string): Promise<string | undefined> {
  const live = await getObject('secret', rights.loans, name);
  const { key } = (live?.data ?? {}) as { key?: string };
  return key && Buffer.from(key, 'base64').toString();
}

const inLoans = async (kind: string, name: string) =>
  (await kubectl(['get', kind, '-n', rights.loans, '-o', 'name'])).includes(`/${name}\n`);

it('deploys, verifies and prunes objects that only the project’s account may read', async () => {
  await slipway.createRepository({ 'README.md': 'loans' });
  const app = [deployment(), service(), secret('key', 'one', recreate), role('reads'), role('other')];
  await push({
    ...config('web'),
    'deploy/web/app.yaml': app.join('---\n'),
    'deploy/web/binding.yaml': binding('reads', 'reads', recreate),
    'deploy/web/old.yaml': [secret('old', 'x'), role('old'), binding('old', 'old')].join('---\n'),
  });

  await push({ 'deploy/web/old.yaml': null }, 'Drop\n\nslipway.dev/confirm-prune: web');

  expect(await summaryOf('web')).toBe('3 pruned, 6 unchanged');
  expect(await getObject('secret', rights.loans, 'old')).toBeUndefined();
});

it('recreates a Secret and a RoleBinding that cannot be changed in place', async () => {
  const app = [deployment(), service(), secret('key', 'two', recreate), role('reads'), role('other')];

  await push({
    'deploy/web/app.yaml': app.join('---\n'),
    'deploy/web/binding.yaml': binding('reads', 'other', recreate),
  });

  expect(await keyOf('key')).toBe('two');
  expect(await kubectl(['get', 'rolebinding', 'reads', '-n', rights.loans, '-o', 'yaml'])).toContain(
    'name: other',
  );
});

it('runs hooks that are Secrets, accounts, Roles and Jobs, again in each release, and removes them', async () => {
  const hook = (deletes: string) => ({
    'helm.sh/hook': 'pre-install,pre-upgrade',
    'helm.sh/hook-delete-policy': deletes,
  });
  const again = hook('before-hook-creation');
  const removed = hook('before-hook-creation,hook-succeeded');
  const hooks = (key: string) => ({
    'deploy/web/hooks.yaml': [
      secret('hook-key', key, again, false),
      account('migrate', again),
      role('migrate', again),
      binding('migrate', 'migrate', again),
      secret('hook-once', key, removed, false),
      job('migrate', removed),
    ].join('---\n'),
  });
  await push(hooks('one'));
  expect(await keyOf('hook-key')).toBe('one');

  await push(hooks('two'));

  expect(await keyOf('hook-key')).toBe('two');
  expect(await inLoans('rolebinding', 'migrate')).toBe(true);
  expect(await keyOf('hook-once')).toBeUndefined();
  expect(await inLoans('job', 'migrate')).toBe(false);
});

it('moves a Secret and a Role between apps without deleting them', async () => {
  const uid = async () => (await getObject('secret', rights.loans, 'moving'))?.metadata.uid;
  const moving = [secret('moving', 'x'), role('moving'), configMap('moving', { v: '1' })].join('---\n');
  await push({ ...config('web', 'old'), 'deploy/old/all.yaml': moving });
  const before = await uid();

  await push({ ...config('web', 'new'), 'deploy/old/all.yaml': null, 'deploy/new/all.yaml': moving });

  expect(before).toBeDefined();
  expect(await uid()).toBe(before);
  await expect
    .poll(() => kubectl(['get', 'configmaps', '-n', rights.own, '-o', 'name']))
    .not.toMatch(/slipway-old-/);
});

it('replaces a pod that blocks the update of a StatefulSet', async () => {
  const database = (image: string) => ({
    'deploy/db/set.yaml': stringify({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', annotations: { 'slipway.dev/replace-stuck-pods': 'allowed' } },
      spec: {
        serviceName: 'db',
        replicas: 2,
        selector: { matchLabels: { app: 'db' } },
        template: {
          metadata: { labels: { app: 'db' } },
          spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'db', image }] },
        },
      },
    }),
  });
  await push({ ...config('web', 'new', 'db'), ...database('db:v1') });
  await push(database('db:missing'), 'Break', 'failure');

  await push(database('db:v3'), 'Mend');

  expect(await kubectl(['get', 'pod', 'db-1', '-n', rights.loans, '-o', 'yaml'])).toContain('image: db:v3');
});

it('removes an app with its inventory', async () => {
  await push(
    { ...config('web', 'db'), 'deploy/new/all.yaml': null },
    'Remove new\n\nslipway.dev/confirm-prune: new',
  );

  expect(await getObject('secret', rights.loans, 'moving')).toBeUndefined();
  expect(await kubectl(['get', 'configmaps', '-n', rights.own, '-o', 'name'])).not.toMatch(/slipway-new-/);
});
