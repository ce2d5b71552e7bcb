import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { median, type Report } from './report.ts';
import { redisCommands } from './support/commands.ts';
import { numberOption } from './support/options.ts';
import { type SlowProxy, slowProxy } from './support/slow-proxy.ts';
import { appFiles, slipwayFile, upTo } from './support/small-apps.ts';
import { openWorld, type World } from './support/world.ts';

const APPS = 200;
const WORKERS = [1, 2, 4];
const LATENCY_MS = 25;
const REQUESTS_PER_WORKER = 2;
const ROUNDS = 3;
const AIM = 0.9;
/** More of them for four times the workers would mean that workers cost Redis something a release. */
const MOST_MORE_COMMANDS = 1.15;

interface Round {
  workers: number;
  /** From the first release's start to the last one's end. */
  ms: number;
  /** Redis commands a release, those inside of scripts counted too. */
  commands: number;
  /** Releases by worker process. */
  shares: number[];
}

/** Deploy workers beside one another, where waiting for a cluster that is far away is the limit. */
export async function run(log: (line: string) => void): Promise<Report> {
  const sandbox = await startSandbox({ log });
  const proxy = await slowProxy(new URL(sandbox.apiServerUrl), LATENCY_MS);
  try {
    const kubeconfig = await throughProxy(sandbox, proxy);
    const rounds: Round[] = [];
    for (const workers of WORKERS) {
      rounds.push(...(await measure(workers, { sandbox, kubeconfig, log })));
    }
    return reportOf(rounds);
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

interface Parts {
  sandbox: Sandbox;
  kubeconfig: string;
  log: (line: string) => void;
}

async function measure(workers: number, { sandbox, kubeconfig, log }: Parts): Promise<Round[]> {
  const world = await openWorld(log, { sandbox, kubeconfig, maxRequests: REQUESTS_PER_WORKER });
  try {
    await world.slipway.start('server');
    await world.slipway.start('worker', 'intake');
    await world.slipway.start('worker', 'notify');
    const deployers = [];
    for (let started = 0; started < workers; started += 1) {
      deployers.push(await world.slipway.start('worker', 'deploy'));
    }
    const clone = await world.repository(`scale-${workers}`);
    const rounds: Round[] = [];
    for (let version = 0; version <= numberOption('rounds', ROUNDS); version += 1) {
      const files = { 'slipway.yaml': slipwayFile(`scale-${workers}`), ...appFiles(upTo(APPS), version) };
      const counted = await redisCommands(world.redis);
      const pushed = await clone.push(files, `v${version}`);
      await world.answered(clone, pushed.commit, 'production', 600_000);
      const commands = (await counted()) / APPS;
      const ms = await spanOf(world, pushed.commit);
      const shares = deployers.map(({ log }) => log().split('release ended').length - 1);
      log(`${workers} workers: ${ms} ms, ${commands.toFixed(1)} Redis commands a release, so far ${shares}`);
      if (version > 0) rounds.push({ workers, ms, commands, shares });
    }
    return rounds;
  } finally {
    await world.close();
  }
}

/** By the releases' own times: git, intake and answers are not what more deploy workers make faster. */
async function spanOf({ slipway }: World, commit: string): Promise<number> {
  const answer = await fetch(`${slipway.url}/api/targets`, {
    headers: { authorization: `Bearer ${slipway.apiToken}` },
  });
  const { targets } = (await answer.json()) as {
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

function reportOf(rounds: Round[]): Report {
  const of = (workers: number, value: (round: Round) => number) =>
    median(rounds.filter((round) => round.workers === workers).map(value));
  const ms = (workers: number) => of(workers, (round) => round.ms);
  const share = (workers: number) => ms(1) / ms(workers) / workers;
  const commands = (workers: number) => of(workers, (round) => round.commands);
  const most = Math.max(...WORKERS.map(commands)) / commands(1);
  return {
    name: 'scale',
    columns: ['ms', 'releases/s', 'of linear', 'Redis commands a release'],
    figures: WORKERS.map((workers) => ({
      name: `${workers} workers`,
      cells: {
        ms: ms(workers).toFixed(0),
        'releases/s': ((APPS * 1_000) / ms(workers)).toFixed(1),
        'of linear': share(workers).toFixed(2),
        'Redis commands a release': commands(workers).toFixed(1),
      },
    })),
    aims: [
      ...WORKERS.slice(1).map((workers) => ({
        text: `${workers} workers: ${share(workers).toFixed(2)} of linear, aim ≥ ${AIM}`,
        met: share(workers) >= AIM,
      })),
      {
        text: `Redis commands a release do not grow with the workers: at most ${most.toFixed(2)} × those of one`,
        met: most <= MOST_MORE_COMMANDS,
      },
    ],
    data: { apps: APPS, latencyMs: LATENCY_MS, requestsPerWorker: REQUESTS_PER_WORKER, rounds },
  };
}
