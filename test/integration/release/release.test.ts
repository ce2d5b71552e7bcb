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

const never = new AbortController().signal;

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

/** The process dies at the first write that fits. */
function dyingAt(ports: ReleasePorts, fits: (state: string) => boolean): ReleasePorts {
  const dead = new Error('killed');
  const releases: ReleaseStore = {
    ...ports.releases,
    write: (release, ...rest) =>
      fits(release.state) ? Promise.reject(dead) : ports.releases.write(release, ...rest),
  };
  return { ...ports, releases };
}

/** The process dies once all is applied. */
function dyingInVerify(ports: ReleasePorts): ReleasePorts {
  const open: Cluster['open'] = async (work, signal) => {
    const run = await ports.clusters.get('prod').open(work, signal);
    return Object.create(run, { verify: { value: () => Promise.reject(new Error('killed')) } });
  };
  const cluster = Object.create(ports.clusters.get('prod'), { open: { value: open } });
  return { ...ports, clusters: { ...ports.clusters, get: () => cluster } };
}

/** The cluster takes requests and answers none of them; `asked` resolves with the first. */
function silent(ports: ReleasePorts): { ports: ReleasePorts; asked: Promise<void> } {
  const asked = Promise.withResolvers<void>();
  const open: Cluster['open'] = (_work, signal) => {
    asked.resolve();
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    );
  };
  const cluster = Object.create(ports.clusters.get('prod'), { open: { value: open } });
  return {
    ports: { ...ports, clusters: { ...ports.clusters, get: () => cluster } },
    asked: asked.promise,
  };
}

const parentHistory = async ({ composition, web }: Fixture) => {
  const records = await composition.clusters.get('prod').targets();
  return records.find(({ target }) => target === web)?.history ?? [];
};

/** What Redis knows of the target and its repository is gone; queues and answers do not matter here. */
async function forget({ composition, repository, web }: Fixture): Promise<void> {
  const { keys } = composition;
  await composition.redis.del(
    keys.target(web),
    keys.history(web),
    keys.lease(web),
    keys.repository(repository.id),
  );
}

describe('a release', () => {
  it('whose process dies after it has told the cluster and before Redis ends once', async () => {
    const loans = await fixture();
    const commit = await loans.push(app('web', '2'));
    const dying = dyingAt(loans.ports, (state) => state === 'succeeded');
    await expect(deploy(loans.web, dying, never)).rejects.toThrow('killed');
    await deploy(loans.web, loans.ports, never);
    expect(await loans.history()).toMatchObject([{ number: 1, commit, state: 'succeeded', attempts: 2 }]);
    expect(await parentHistory(loans)).toMatchObject([{ number: 1, state: 'succeeded' }]);
  });

  it('that died half-way is no reason to believe that the content before it runs', async () => {
    const loans = await fixture();
    const { namespace } = loans.repository;
    await loans.push(app('web', '1'));
    await deploy(loans.web, loans.ports, never);
    await loans.push(app('web', '2'));
    // Nothing of it is recorded, in Redis or on the cluster, but that it has begun.
    const dying = dyingInVerify(dyingAt(loans.ports, () => true));
    await expect(deploy(loans.web, dying, never)).rejects.toThrow('killed');
    expect((await getObject('configmap', namespace, 'web'))?.data).toEqual({ value: '2' });

    await loans.push(app('web', '1'));
    await deploy(loans.web, loans.ports, never);
    expect((await getObject('configmap', namespace, 'web'))?.data).toEqual({ value: '1' });
  });

  it('is answered unchanged where Redis was emptied, and numbers go on from the cluster', async () => {
    const loans = await fixture();
    await loans.push(app('web', '2'));
    await deploy(loans.web, loans.ports, never);
    await forget(loans);
    await loans.push({});
    await deploy(loans.web, loans.ports, never);
    expect(await loans.history()).toMatchObject([{ number: 2, state: 'unchanged' }]);
  });

  it('does nothing where nothing new is desired', async () => {
    const loans = await fixture();
    await loans.push(app('web', '2'));
    await deploy(loans.web, loans.ports, never);
    await deploy(loans.web, loans.ports, never);
    expect(await loans.history()).toHaveLength(1);
  });

  it('waits for a cluster that does not answer until a newer commit has come, and no longer', async () => {
    const loans = await fixture();
    const { ports, asked } = silent(loans.ports);
    await loans.push(app('web', '2'));
    const waiting = deploy(loans.web, ports, never);
    await asked;

    const next = await loans.push(app('web', '3'));

    await waiting;
    expect(await loans.history()).toMatchObject([{ number: 1, state: 'superseded', supersededBy: next }]);
  });

  it('is made once more where somebody asks for it', async () => {
    const loans = await fixture();
    await loans.push(app('web', '2'));
    await deploy(loans.web, loans.ports, never);
    await loans.composition.queries.requestDeploy(loans.web, 'ada');
    await deploy(loans.web, loans.ports, never);
    expect(await loans.history()).toMatchObject([
      { number: 2, state: 'succeeded', cause: { kind: 'manual', by: 'ada' } },
      { number: 1 },
    ]);
  });
});

describe('a release that waits for another app', () => {
  const files = (namespace: string) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { web: { path: 'apps/web', dependsOn: ['database'] }, database: { path: 'apps/database' } },
    ),
    ...app('web', '1'),
    'apps/database/all.yaml': deployment({ name: 'database' }),
  });

  it('is looked at again and again and recorded once', async () => {
    const loans = await fixture(files);
    await loans.push({ 'README.md': 'go' });
    for (let look = 0; look < 3; look += 1) await deploy(loans.web, loans.ports, never);
    expect(await loans.history()).toMatchObject([{ number: 1, state: 'blocked', attempts: 1 }]);
    await deploy(loans.repository.target('database'), loans.ports, never);
    await deploy(loans.web, loans.ports, never);
    expect(await loans.history()).toMatchObject([{ number: 1, state: 'succeeded', attempts: 1 }]);
  });

  it('takes the next number of the cluster where Redis, emptied, had given it an old one', async () => {
    const loans = await fixture(files);
    const database = loans.repository.target('database');
    await loans.push({ 'README.md': 'go' });
    await deploy(database, loans.ports, never);
    await deploy(loans.web, loans.ports, never);
    await forget(loans);
    await loans.composition.redis.del(loans.composition.keys.target(database));

    await loans.push(app('web', '2'));
    await deploy(loans.web, loans.ports, never);
    expect(await loans.history()).toMatchObject([{ number: 1, state: 'blocked' }]);
    await deploy(database, loans.ports, never);
    await deploy(loans.web, loans.ports, never);
    const [newest] = await loans.history();
    expect(newest).toMatchObject({ number: 2, state: 'succeeded' });
    expect((await parentHistory(loans)).map(({ number }) => number)).toEqual([2, 1]);
  });
});
