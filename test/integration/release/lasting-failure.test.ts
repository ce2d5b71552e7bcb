import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { SlipwayError } from '../../../src/errors.ts';
import { sweepOnce } from '../../../src/intake/sweep.ts';
import type { Release } from '../../../src/model/release.ts';
import { sendStatuses } from '../../../src/notifications/commit-status/send-statuses.ts';
import type { Cluster } from '../../../src/ports/cluster.ts';
import type { DeployWakeUp } from '../../../src/ports/wake-ups.ts';
import { deploy } from '../../../src/release/deploy.ts';
import type { ReleasePorts } from '../../../src/release/ports.ts';
import { app } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { slipwayYaml } from '../../support/loan-service.ts';
import { pushAndLook, releasePorts } from '../../support/releases.ts';
import type { TestRepository } from '../../support/repository.ts';
import { sandbox } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';
import { createCuttingProxy } from '../kube/cutting-proxy.ts';
import { startFront } from '../kube/front.ts';

const neverAborts = new AbortController().signal;

interface Fixture {
  composition: Composition;
  ports: ReleasePorts;
  repository: TestRepository;
  web: string;
  commit: string;
  /** The last release as it is recorded. */
  last(): Promise<Release | undefined>;
  /** Sends what is to be reported on the commit, and returns the status of the environment. */
  told(): Promise<{ state: string; description: string | null } | undefined>;
}

/** One app that is desired on a cluster with this kubeconfig, which `timeout` bounds. */
async function desiredOn(kubeconfig: string, timeout: string): Promise<Fixture> {
  const file = join(await mkdtemp(join(tmpdir(), 'slipway-lasting-')), 'kubeconfig');
  await writeFile(file, kubeconfig, { mode: 0o600 });
  const cluster = { kubeconfig: { file }, stateNamespace: 'slipway' };
  const { slipway, composition } = await compositionUnderTest({ clusters: { prod: cluster } });
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { web: { path: 'apps/web', timeout } },
    ),
  }));
  const web = repository.target('web');
  const commit = await pushAndLook(composition, repository, app('web', '1'));
  const key = { repository: repository.id, commit, scope: 'production' };
  return {
    composition,
    ports: await releasePorts(composition),
    repository,
    web,
    commit,
    last: async () => (await composition.releases.record(web))?.last,
    async told() {
      await sendStatuses(key, composition, neverAborts);
      return (await repository.lastStatuses(commit))['slipway/production'];
    },
  };
}

const kubeconfigOfSandbox = () => readFile(sandbox().kubeconfig, 'utf8');

/** What a sweep enqueues once the pause between two attempts is over. */
async function sweptAfterPause({ composition, web }: Fixture): Promise<string[]> {
  const { redis, keys, wakeUps } = composition;
  await redis.zadd(`${keys.retries}:cluster:prod`, 'XX', 0, web);
  const swept: DeployWakeUp[] = [];
  const enqueueDeploys = async (some: DeployWakeUp[]) => void swept.push(...some);
  await sweepOnce({ ...composition, wakeUps: { ...wakeUps, enqueueDeploys } });
  return swept.map(({ target }) => target);
}

/** A cluster that refuses every request at once, until `isBack`. */
function refusing(ports: ReleasePorts, isBack: () => boolean): ReleasePorts {
  const real = ports.clusters.get('prod');
  const open: Cluster['open'] = async (work, signal) => {
    if (!isBack()) throw new SlipwayError('CLUSTER_UNREACHABLE', 'away');
    return real.open(work, signal);
  };
  const cluster = Object.create(real, { open: { value: open } });
  return { ...ports, clusters: { ...ports.clusters, get: () => cluster } };
}

describe('a release on a cluster that is away', () => {
  it('fails after the timeout of the app, says nothing more, and is deployed once the cluster is back', async () => {
    const proxy = await createCuttingProxy();
    onTestFinished(() => proxy.close());
    const loans = await desiredOn(proxy.kubeconfig.content, '1s');
    const { reports, outbox, releases } = loans.composition;
    proxy.shut();
    await deploy(loans.web, loans.ports, neverAborts);
    const failed = await loans.last();
    const hint = 'Check the cluster and its kubeconfig. Slipway tries again every two minutes.';
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'CLUSTER_UNREACHABLE', hint } });
    expect(failed?.attempts).toBeGreaterThan(1);
    expect(await loans.told()).toMatchObject({
      state: 'failure',
      description: expect.stringMatching(/^web: cluster prod cannot be reached: the connection was cut/),
    });

    const { cursor } = await outbox.readAfter(undefined, 1_000);
    expect(await sweptAfterPause(loans)).toEqual([loans.web]);
    await deploy(loans.web, loans.ports, neverAborts);
    expect(await loans.last()).toEqual(failed);
    expect((await outbox.readAfter(cursor, 1_000)).events).toEqual([]);
    expect(await reports.unsent(0)).toEqual([]);

    proxy.open();
    await loans.ports.clusters.get('prod').away?.back;
    expect(await sweptAfterPause(loans)).toEqual([loans.web]);
    await deploy(loans.web, loans.ports, neverAborts);
    const ended = await loans.last();
    expect(ended).toMatchObject({ id: failed?.id, state: 'succeeded' });
    expect(ended).not.toHaveProperty('failure');
    expect(await loans.told()).toMatchObject({ state: 'success' });
    expect(await releases.history(loans.web, 10)).toHaveLength(1);
    expect(await sweptAfterPause(loans)).toEqual([]);
  });

  it('is left alone once a newer commit is desired', async () => {
    const loans = await desiredOn(await kubeconfigOfSandbox(), '1s');
    let isBack = false;
    const ports = refusing(loans.ports, () => isBack);
    await deploy(loans.web, ports, neverAborts);
    const failed = await loans.last();
    expect(failed?.state).toBe('failed');
    const commit = await pushAndLook(loans.composition, loans.repository, app('web', '2'));
    isBack = true;
    await deploy(loans.web, ports, neverAborts);
    const [second, first] = await loans.composition.releases.history(loans.web, 10);
    expect(second).toMatchObject({ number: 2, state: 'succeeded', commit });
    expect(first).toEqual(failed);
    expect(await sweptAfterPause(loans)).toEqual([]);
  });

  it('is repeated in another worker for the rest of the time only', async () => {
    const loans = await desiredOn(await kubeconfigOfSandbox(), '1h');
    const ports = refusing(loans.ports, () => false);
    const repeatedUntil = async (enough: (ms: number) => boolean) => {
      const stop = new AbortController();
      const run = deploy(loans.web, ports, stop.signal);
      const ended = run.catch(() => undefined);
      const ms = await eventually('an attempt in vain', async () => {
        const { repetition } = (await loans.last()) ?? {};
        return repetition && enough(repetition.ms) && repetition.ms;
      });
      stop.abort(new Error('stopped'));
      await ended;
      return ms;
    };
    const first = await repeatedUntil((ms) => ms > 0);
    const { attempts = 0 } = (await loans.last()) ?? {};
    const second = await repeatedUntil((ms) => ms !== first);
    expect(second).toBeGreaterThan(first);
    expect((await loans.last())?.attempts).toBeGreaterThan(attempts);
  });
});

describe('a release on a cluster that answers and takes no writes', () => {
  it('does not alternate between its stages and the cause', async () => {
    const front = await startFront();
    onTestFinished(() => front.close());
    const loans = await desiredOn(front.kubeconfig.content, '1s');
    front.mischief = ({ method }) => (method === 'GET' ? undefined : { response: 503 });
    const written: string[] = [];
    const { releases } = loans.ports;
    const write: typeof releases.write = (release, ...rest) => {
      written.push(release.failure ? `${release.state}, failed` : release.state);
      return releases.write(release, ...rest);
    };
    await deploy(loans.web, { ...loans.ports, releases: { ...releases, write } }, neverAborts);
    const firstFailure = written.findIndex((one) => one.includes('failed'));
    expect(written.slice(firstFailure)).toEqual(['applying, failed', 'failed, failed']);

    written.length = 0;
    await deploy(loans.web, { ...loans.ports, releases: { ...releases, write } }, neverAborts);
    expect(written).toEqual([]);
  });
});
