import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ReleaseWithChanges } from '../../src/model/release.ts';
import { type CuttingProxy, createCuttingProxy } from '../integration/kube/cutting-proxy.ts';
import { app } from '../support/apps.ts';
import { getObject, letGo } from '../support/cluster.ts';
import { reasonOfRelease } from '../support/failures.ts';
import { deployment, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

let proxy: CuttingProxy;
let dir: string;
let slipway: TestSlipway;

beforeAll(async () => {
  proxy = await createCuttingProxy();
  dir = await mkdtemp(join(tmpdir(), 'slipway-proxy-'));
  const kubeconfig = join(dir, 'kubeconfig.yaml');
  await writeFile(kubeconfig, proxy.kubeconfig.content);
  slipway = await testSlipway('github', { kubeconfig });
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway)).toEqual([]);
  await slipway.stop();
  await proxy.close();
  await rm(dir, { recursive: true, force: true });
});

const database = (image: string) => ({ 'apps/database/all.yaml': deployment({ name: 'database', image }) });

const context = 'slipway/production/database';

/** `web` depends on `database`. */
function loans(files: Record<string, string>): Promise<TestRepository> {
  return testRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      {
        web: { path: 'apps/web', dependsOn: ['database'] },
        database: { path: 'apps/database', failFast: '10s' },
      },
    ),
    ...files,
  }));
}

const release = async (id: string) => slipway.api<ReleaseWithChanges>(`/api/releases/${id}`);

describe('a target that depends on another', () => {
  it('waits until that target has succeeded, and is then released without a push', async () => {
    const repository = await loans({ 'README.md': 'loans' });
    const commit = await repository.push({ ...database('database:held'), ...app('web', '1') });
    const blocked = await repository.reached('web', ['blocked']);
    expect(reasonOfRelease(blocked)).toBe('waits for database, which is in progress');
    expect(await getObject('configmap', repository.namespace, 'web')).toBeUndefined();
    await repository.reported(commit, 'pending', 'slipway/production/web');

    await letGo(repository.namespace);
    await repository.reported(commit, 'success');
    const [web] = await repository.history('web');
    const [first] = await repository.history('database');
    expect(web).toMatchObject({ number: 1, state: 'succeeded', attempts: 1 });
    expect(web?.endedAt).toBeGreaterThanOrEqual(first?.endedAt ?? Number.NaN);
  });

  it('reports that its dependency has failed, and is released when that is repaired', async () => {
    const repository = await loans({ 'README.md': 'loans' });
    const broken = await repository.push({ ...database('database:missing'), ...app('web', '1') });
    const status = await repository.reported(broken, 'failure', context);
    expect(status.description).toMatch(
      /^apps\/database\/all\.yaml:1: Deployment database: 0 of 1 pods ready; (pod \S+: )?ImagePullBackOff/,
    );
    await eventually('the reason of the blocked release', async () => {
      const [web] = await repository.history('web');
      return reasonOfRelease(web) === 'waits for database, which has failed';
    });
    const fixed = await repository.push(database('database:v1'));
    await repository.reported(fixed, 'success');
    expect(await repository.reached('web', ['succeeded'])).toMatchObject({ number: 1, commit: broken });
  });
});

describe('a release that is superseded half-way', () => {
  it('records what it had done so far', async () => {
    const repository = await loans({ 'README.md': 'loans' });
    const first = await repository.push(database('database:held'));
    await repository.reached('database', ['verifying']);
    const second = await repository.push(database('database:v2'));
    await repository.reported(second, 'success', context);
    const superseded = (await repository.history('database')).find(({ commit }) => commit === first);
    expect(superseded).toMatchObject({ state: 'superseded', supersededBy: second, summary: '2 created' });
    const { changeSet } = await release(superseded?.id ?? '');
    expect(changeSet.changes.map(({ ref, action }) => `${ref.kind} ${action}`)).toEqual([
      'Namespace created',
      'Deployment created',
    ]);
  });
});

describe('an API server that cannot be reached', () => {
  afterEach(() => proxy.open());

  it('delays a release, which reports the reason and succeeds when the server is back', async () => {
    const repository = await loans({ 'README.md': 'loans', ...database('database:v1') });
    await repository.reported(await repository.push({ 'README.md': 'go' }), 'success', context);
    proxy.shut();
    const commit = await repository.push(database('database:v2'));
    const waiting = await eventually('the reason on the commit', async () => {
      const { [context]: status } = await repository.lastStatuses(commit);
      return status?.description?.includes('retrying:') ? status : undefined;
    });
    expect(waiting).toMatchObject({ state: 'pending' });
    expect(waiting.description).toMatch(/^(queued|applying): retrying: cluster prod cannot be reached/);
    proxy.open();
    await repository.reported(commit, 'success', context);
    expect((await repository.history('database'))[0]).toMatchObject({ number: 2, state: 'succeeded' });
  });

  it('does not hold up a release that a newer commit supersedes', async () => {
    const repository = await loans({ 'README.md': 'loans', ...database('database:v1') });
    await repository.reported(await repository.push({ 'README.md': 'go' }), 'success', context);
    proxy.shut();
    const first = await repository.push(database('database:v2'));
    await repository.reported(first, 'pending', context);
    const second = await repository.push(database('database:v3'));
    await eventually('the final status of the first commit', async () => {
      const { [context]: status } = await repository.lastStatuses(first);
      return status?.description === `superseded by ${second.slice(0, 12)}`;
    });
    proxy.open();
    await repository.reported(second, 'success', context);
    const live = await getObject('deployment', repository.namespace, 'database');
    expect(JSON.stringify(live?.spec)).toContain('database:v3');
  });
});
