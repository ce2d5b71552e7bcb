import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { Composition } from '../../../src/composition/composition.ts';
import { intake } from '../../../src/intake/intake.ts';
import { MAX_PERMITS, startDeployWorker } from '../../../workers/deploy.ts';
import { app } from '../../support/apps.ts';
import { compositionUnderTest, quietRepository } from '../../support/composition.ts';
import { slipwayYaml } from '../../support/loan-service.ts';
import { desireApps } from '../../support/releases.ts';
import { sandbox } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';

const neverAborts = new AbortController().signal;

/** More than a worker of BullMQ took at once before every cluster had a queue of its own. */
const RELEASES = 1_200;

/** A kubeconfig whose API server refuses connections. */
async function kubeconfigOfNoCluster(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'slipway-away-')), 'kubeconfig');
  const text = await readFile(sandbox().kubeconfig, 'utf8');
  await writeFile(file, text.replaceAll(/server: .*/g, 'server: https://127.0.0.1:1'), { mode: 0o600 });
  return file;
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
  const staging = { kubeconfig: { file: await kubeconfigOfNoCluster() } };
  const options = { clusters: { staging } };
  const { slipway, composition } = await compositionUnderTest(options);
  const away = await quietRepository(slipway, () => ({ 'README.md': 'away' }));
  const { defaultBranch, branches } = await composition.mirrors.open(away.id).heads();
  const head = branches.get(defaultBranch) ?? '';
  await composition.mirrors.open(away.id).fetch([defaultBranch]);
  await desireApps(composition, away.id, head, RELEASES, { cluster: 'staging', timeoutMs: 3_600_000 });
  const worker = await startDeployWorker(composition);
  onTestFinished(() => worker.stop(0));
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
