import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { intake } from '../../../src/intake/intake.ts';
import { MAX_PERMITS, startDeployWorker } from '../../../workers/deploy.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { slipwayYaml } from '../../support/loan-service.ts';
import { desireApps } from '../../support/releases.ts';
import { sandbox } from '../../support/sandbox.ts';
import { silentServer } from '../../support/silent-server.ts';
import { eventually } from '../../support/slipway.ts';
import { createCuttingProxy } from '../kube/cutting-proxy.ts';

const neverAborts = new AbortController().signal;

/** More than a worker of BullMQ took at once before every cluster had a queue of its own. */
const RELEASES = 1_200;

/** The sandbox's kubeconfig with another address. By default it refuses connections. */
async function kubeconfigOf(url = 'https://127.0.0.1:1'): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'slipway-away-')), 'kubeconfig');
  const text = await readFile(sandbox().kubeconfig, 'utf8');
  await writeFile(file, text.replaceAll(/server: .*/g, `server: ${url}`), { mode: 0o600 });
  return file;
}

/** The parts with a deploy worker, and a repository. Cluster `staging` has this address. */
async function deployingTo(url?: string) {
  const options = { clusters: { staging: { kubeconfig: { file: await kubeconfigOf(url) } } } };
  const { slipway, composition } = await compositionUnderTest(options);
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace, { staging: 'main' }),
    ...Object.assign({}, ...Array.from({ length: 3 * MAX_PERMITS }, (_, i) => app(`app-${i}`, '1'))),
  }));
  const worker = await startDeployWorker(composition);
  onTestFinished(() => worker.stop(0));
  return { slipway, composition, repository };
}

/** The lines of the commit's report on `staging`. */
async function linesOf({ reports }: Composition, repository: string, commit: string) {
  return (await reports.read({ repository, commit, scope: 'staging' })).lines;
}

async function headOf({ mirrors }: Composition, repository: string): Promise<string> {
  const { defaultBranch, branches } = await mirrors.open(repository).heads();
  await mirrors.open(repository).fetch([defaultBranch]);
  return branches.get(defaultBranch) ?? '';
}

/** Waits until the worker has taken all jobs that it takes. */
async function noFurtherJobsBegin({ wakeUps }: Composition): Promise<void> {
  let before = 0;
  await eventually('the releases that the worker takes', async () => {
    const active = (await wakeUps.counts()).deploy?.active ?? 0;
    const isStill = active >= MAX_PERMITS && active === before;
    before = active;
    await sleep(2_500);
    return isStill;
  });
}

it('releases for a cluster that is away hold up no release on another cluster, however many they are', async () => {
  const { slipway, composition, repository: away } = await deployingTo();
  const head = await headOf(composition, away.id);
  await desireApps(composition, away.id, head, RELEASES, { cluster: 'staging', timeoutMs: 3_600_000 });
  await noFurtherJobsBegin(composition);

  const here = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { web: { path: 'apps/web' } },
    ),
    ...app('web', '1'),
  }));
  await intake(here.id, composition, neverAborts);
  await eventually('the release on the other cluster', async () => {
    const record = await composition.releases.record(here.target('web'));
    return record?.last?.state === 'succeeded';
  });
  const waiting = await composition.releases.record(`${away.id}//app-0@staging`);
  expect(waiting?.handled, 'the releases of the cluster that is away still wait').toBe(0);
});

it('a thousand releases for a cluster that never answers all hear so, without waiting for it one by one', async () => {
  const { url } = await silentServer();
  const { composition, repository } = await deployingTo(url.replace('http:', 'https:'));
  const head = await headOf(composition, repository.id);
  await desireApps(composition, repository.id, head, RELEASES, { cluster: 'staging', timeoutMs: 3_600_000 });
  await eventually('the reason on every line', async () => {
    const lines = await linesOf(composition, repository.id, head);
    const heard = lines.filter(({ failure }) => failure?.code === 'CLUSTER_UNREACHABLE');
    return heard.length === RELEASES;
  });
});

it('releases that wait for a cluster go on when it responds again', async () => {
  const proxy = await createCuttingProxy();
  onTestFinished(() => proxy.close());
  proxy.shut();
  const { composition, repository } = await deployingTo(proxy.url);
  await intake(repository.id, composition, neverAborts);
  const head = await headOf(composition, repository.id);
  await eventually('the reason on every line', async () => {
    const lines = await linesOf(composition, repository.id, head);
    return lines.every(({ failure }) => failure?.code === 'CLUSTER_UNREACHABLE');
  });
  proxy.open();
  await eventually('the releases', async () => {
    const lines = await linesOf(composition, repository.id, head);
    return lines.every(({ state }) => state === 'succeeded');
  });
});
