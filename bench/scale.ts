import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import type { SlipwayProcess } from '../sandbox/slipway/start-slipway.ts';
import type { Report } from './report.ts';
import { type BareClient, bareClient } from './scale/bare.ts';
import { type Round, reportOf } from './scale/report.ts';
import type { Clone } from './support/clone.ts';
import { redisCommands } from './support/commands.ts';
import { controlPlaneCpu, cpuOf, untilQuiet } from './support/cpu.ts';
import { type Fixture, openFixture } from './support/fixture.ts';
import { numberOption } from './support/options.ts';
import { type SlowProxy, slowProxy } from './support/slow-proxy.ts';
import { appFiles, slipwayFile, upTo } from './support/small-apps.ts';

const APPS = 200;
const WORKERS = [1, 2, 4];
const REQUESTS_PER_WORKER = 2;
/** With 100 ms, latency is the limit even on two cores that run the API server and all workers. */
const SETTINGS = [
  { latencyMs: 25, rounds: 3 },
  { latencyMs: 100, rounds: 2 },
];

interface Context {
  sandbox: Sandbox;
  proxy: SlowProxy;
  kubeconfig: string;
  bare: BareClient;
  log: (line: string) => void;
}

/** Several deploy workers whose limit is the latency of a distant cluster. */
export async function run(log: (line: string) => void): Promise<Report> {
  const sandbox = await startSandbox({ log });
  const proxy = await slowProxy(new URL(sandbox.apiServerUrl));
  try {
    const kubeconfig = await throughProxy(sandbox, proxy);
    const bare = await bareClient(kubeconfig, APPS);
    const context: Context = { sandbox, proxy, kubeconfig, bare, log };
    const rounds: Round[] = [];
    for (const workers of WORKERS) rounds.push(...(await measure(workers, context)));
    await bare.close();
    return reportOf(rounds, { apps: APPS, requestsPerWorker: REQUESTS_PER_WORKER });
  } finally {
    await proxy.close();
    await sandbox.stop();
  }
}

async function throughProxy(sandbox: Sandbox, proxy: SlowProxy): Promise<string> {
  const text = await readFile(sandbox.kubeconfig, 'utf8');
  const url = new URL(sandbox.apiServerUrl);
  const file = join(sandbox.dir, 'far.kubeconfig');
  await writeFile(file, text.replaceAll(`:${url.port}`, `:${proxy.port}`), { mode: 0o600 });
  return file;
}

async function measure(workers: number, context: Context): Promise<Round[]> {
  const { sandbox, kubeconfig, proxy, bare, log } = context;
  const fixture = await openFixture(log, { sandbox, kubeconfig, maxRequests: REQUESTS_PER_WORKER });
  try {
    const deployers = await startAll(fixture, workers);
    const clone = await fixture.repository(`scale-${workers}`);
    let version = 0;
    const next = () => release({ fixture, clone, deployers, version: version++ });
    // Not measured: it creates all objects, and the processes have just started.
    proxy.delay(0);
    await next();
    const rounds: Round[] = [];
    for (const { latencyMs, rounds: many } of SETTINGS) {
      proxy.delay(latencyMs);
      for (let round = 0; round < numberOption('rounds', many); round += 1) {
        const measured = await next();
        const bareMs = await bare.send(workers * REQUESTS_PER_WORKER);
        rounds.push({ workers, latencyMs, bareMs, ...measured });
        log(
          `${workers} workers, ${latencyMs} ms: ${measured.ms} ms, bare client ${bareMs.toFixed(0)} ms, ${measured.commands.toFixed(1)} Redis commands a release, releases by worker so far ${measured.shares}`,
        );
      }
    }
    return rounds;
  } finally {
    await fixture.close();
  }
}

async function startAll({ slipway }: Fixture, workers: number): Promise<SlipwayProcess[]> {
  await slipway.start('server');
  await slipway.start('worker', 'intake');
  await slipway.start('worker', 'notify');
  const deployers = [];
  for (let started = 0; started < workers; started += 1) {
    deployers.push(await slipway.start('worker', 'deploy'));
  }
  return deployers;
}

interface Step {
  fixture: Fixture;
  clone: Clone;
  deployers: SlipwayProcess[];
  version: number;
}

/** One commit that changes all apps, until its last status. */
async function release({ fixture, clone, deployers, version }: Step) {
  const files = {
    'slipway.yaml': slipwayFile(clone.repo.replace('acme/', '')),
    ...appFiles(upTo(APPS), version),
  };
  await untilQuiet();
  const counted = await redisCommands(fixture.redis);
  const pushed = await clone.push(files, `v${version}`);
  const before = await cpuNow(deployers);
  const finalStatusAt = await fixture.finalStatus(clone, pushed.commit, 'production', 600_000);
  const after = await cpuNow(deployers);
  const commands = (await counted()) / APPS;
  return {
    ms: await spanOf(fixture, pushed.commit),
    commands,
    shares: deployers.map(({ log }) => log().split('release ended').length - 1),
    cpu: {
      all: after.all - before.all,
      server: after.server - before.server,
      workers: after.workers - before.workers,
    },
    busy: (after.all - before.all) / (finalStatusAt - pushed.at) / availableParallelism(),
  };
}

async function cpuNow(deployers: SlipwayProcess[]) {
  const [all, server, ...workers] = await Promise.all([
    cpuOf(process.pid),
    controlPlaneCpu(),
    ...deployers.map(({ pid }) => cpuOf(pid)),
  ]);
  return { all, server, workers: workers.reduce((sum, one) => sum + one, 0) };
}

/** By the times of the releases: more deploy workers do not speed up Git, intake and statuses. */
async function spanOf({ slipway }: Fixture, commit: string): Promise<number> {
  const response = await fetch(`${slipway.url}/api/targets?limit=1000`, {
    headers: { authorization: `Bearer ${slipway.apiToken}` },
  });
  const { targets } = (await response.json()) as {
    targets: {
      release?: { commit: string; startedAt: number; endedAt?: number; times: { queued?: number } };
    }[];
  };
  const releases = targets.flatMap(({ release }) => (release?.commit === commit ? [release] : []));
  if (releases.length !== APPS)
    throw new Error(`${releases.length} of ${APPS} targets have a release of ${commit}`);
  const started = Math.min(...releases.map((release) => release.startedAt));
  return Math.max(...releases.map((release) => release.endedAt ?? Number.NaN)) - started;
}
