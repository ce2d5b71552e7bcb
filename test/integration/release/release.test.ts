import { describe, expect, it } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import type { Cluster } from '../../../src/ports/cluster.ts';
import type { ReleaseStore } from '../../../src/ports/releases.ts';
import { deploy } from '../../../src/release/deploy.ts';
import type { ReleasePorts } from '../../../src/release/ports.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { getObject } from '../../support/cluster.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { deployment, slipwayYaml } from '../../support/loan-service.ts';
import { pushAndLook, releasePorts } from '../../support/releases.ts';
import type { TestRepository } from '../../support/repository.ts';

const neverAborts = new AbortController().signal;

interface Fixture {
  composition: Composition;
  ports: ReleasePorts;
  repository: TestRepository;
  web: string;
  push(files: Record<string, string | null>): Promise<string>;
  history(): ReturnType<ReleaseStore['history']>;
}

async function fixture(files?: (namespace: string) => Record<string, string>): Promise<Fixture> {
  const { slipway, composition } = await compositionUnderTest();
  const fallback = (namespace: string) => ({ 'slipway.yaml': appsYaml(namespace), ...app('web', '1') });
  const repository = await quietRepository(slipway, files ?? fallback);
  const web = repository.target('web');
  return {
    composition,
    ports: await releasePorts(composition),
    repository,
    web,
    push: (changed) => pushAndLook(composition, repository, changed),
    history: () => composition.releases.history(web, 10),
  };
}

/** The process crashes at the first write of a matching state. */
function crashingAtWrite(ports: ReleasePorts, matches: (state: string) => boolean): ReleasePorts {
  const crash = new Error('crashed');
  const releases: ReleaseStore = {
    ...ports.releases,
    write: (release, ...rest) =>
      matches(release.state) ? Promise.reject(crash) : ports.releases.write(release, ...rest),
  };
  return { ...ports, releases };
}

/** The process crashes after all objects are applied. */
function crashingInVerify(ports: ReleasePorts): ReleasePorts {
  const open: Cluster['open'] = async (work, signal) => {
    const run = await ports.clusters.get('prod').open(work, signal);
    return Object.create(run, { verify: { value: () => Promise.reject(new Error('crashed')) } });
  };
  const cluster = Object.create(ports.clusters.get('prod'), { open: { value: open } });
  return { ...ports, clusters: { ...ports.clusters, get: () => cluster } };
}

/** The cluster never responds. `requested` resolves with the first request. */
function withoutResponse(ports: ReleasePorts): { ports: ReleasePorts; requested: Promise<void> } {
  const requested = Promise.withResolvers<void>();
  const open: Cluster['open'] = (_work, signal) => {
    requested.resolve();
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    );
  };
  const cluster = Object.create(ports.clusters.get('prod'), { open: { value: open } });
  return {
    ports: { ...ports, clusters: { ...ports.clusters, get: () => cluster } },
    requested: requested.promise,
  };
}

const parentHistory = async ({ composition, web }: Fixture) => {
  const records = await composition.clusters.get('prod').targets();
  return records.find(({ target }) => target === web)?.history ?? [];
};

/** Deletes what Redis knows of the target and its repository; queues and commit reports do not matter here. */
async function forgetInRedis({ composition, repository, web }: Fixture): Promise<void> {
  const { keys } = composition;
  await composition.redis.del(
    keys.target(web),
    keys.history(web),
    keys.lease(web),
    keys.repository(repository.id),
  );
}

describe('a release', () => {
  it('ends once if the process crashes between the record on the cluster and the write to Redis', async () => {
    const loans = await fixture();
    const commit = await loans.push(app('web', '2'));
    const crashing = crashingAtWrite(loans.ports, (state) => state === 'succeeded');
    await expect(deploy(loans.web, crashing, neverAborts)).rejects.toThrow('crashed');
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.history()).toMatchObject([{ number: 1, commit, state: 'succeeded', attempts: 2 }]);
    expect(await parentHistory(loans)).toMatchObject([{ number: 1, state: 'succeeded' }]);
  });

  it('deploys the earlier content again if the release after it crashed', async () => {
    const loans = await fixture();
    const { namespace } = loans.repository;
    await loans.push(app('web', '1'));
    await deploy(loans.web, loans.ports, neverAborts);
    await loans.push(app('web', '2'));
    // Redis and the cluster know only that the release has started.
    const crashing = crashingInVerify(crashingAtWrite(loans.ports, () => true));
    await expect(deploy(loans.web, crashing, neverAborts)).rejects.toThrow('crashed');
    expect((await getObject('configmap', namespace, 'web'))?.data).toEqual({ value: '2' });

    await loans.push(app('web', '1'));
    await deploy(loans.web, loans.ports, neverAborts);
    expect((await getObject('configmap', namespace, 'web'))?.data).toEqual({ value: '1' });
  });

  it('ends unchanged after Redis was emptied, with the next number of the record on the cluster', async () => {
    const loans = await fixture();
    await loans.push(app('web', '2'));
    await deploy(loans.web, loans.ports, neverAborts);
    await forgetInRedis(loans);
    await loans.push({});
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.history()).toMatchObject([{ number: 2, state: 'unchanged' }]);
  });

  it('does nothing if no newer revision is desired', async () => {
    const loans = await fixture();
    await loans.push(app('web', '2'));
    await deploy(loans.web, loans.ports, neverAborts);
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.history()).toHaveLength(1);
  });

  it('waits for a cluster that does not respond until a newer revision supersedes it', async () => {
    const loans = await fixture();
    const { ports, requested } = withoutResponse(loans.ports);
    await loans.push(app('web', '2'));
    const waiting = deploy(loans.web, ports, neverAborts);
    await requested;

    const next = await loans.push(app('web', '3'));

    await waiting;
    expect(await loans.history()).toMatchObject([{ number: 1, state: 'superseded', supersededBy: next }]);
  });

  it('runs again if a person requests a deploy', async () => {
    const loans = await fixture();
    await loans.push(app('web', '2'));
    await deploy(loans.web, loans.ports, neverAborts);
    await loans.composition.queries.requestDeploy(loans.web, 'ada');
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.history()).toMatchObject([
      { number: 2, state: 'succeeded', cause: { kind: 'manual', by: 'ada' } },
      { number: 1 },
    ]);
  });
});

describe('a release that depends on another app', () => {
  const files = (namespace: string) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { web: { path: 'apps/web', dependsOn: ['database'] }, database: { path: 'apps/database' } },
    ),
    ...app('web', '1'),
    'apps/database/all.yaml': deployment({ name: 'database' }),
  });

  it('is recorded once, even if its target is enqueued repeatedly', async () => {
    const loans = await fixture(files);
    await loans.push({ 'README.md': 'go' });
    for (let run = 0; run < 3; run += 1) await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.history()).toMatchObject([{ number: 1, state: 'blocked', attempts: 1 }]);
    await deploy(loans.repository.target('database'), loans.ports, neverAborts);
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.history()).toMatchObject([{ number: 1, state: 'succeeded', attempts: 1 }]);
  });

  it('takes the next number of the record on the cluster if Redis was emptied and assigned a used one', async () => {
    const loans = await fixture(files);
    const database = loans.repository.target('database');
    await loans.push({ 'README.md': 'go' });
    await deploy(database, loans.ports, neverAborts);
    await deploy(loans.web, loans.ports, neverAborts);
    await forgetInRedis(loans);
    await loans.composition.redis.del(loans.composition.keys.target(database));

    await loans.push(app('web', '2'));
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.history()).toMatchObject([{ number: 1, state: 'blocked' }]);
    await deploy(database, loans.ports, neverAborts);
    await deploy(loans.web, loans.ports, neverAborts);
    const [newest] = await loans.history();
    expect(newest).toMatchObject({ number: 2, state: 'succeeded' });
    expect((await parentHistory(loans)).map(({ number }) => number)).toEqual([2, 1]);
  });
});
