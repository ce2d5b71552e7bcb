import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startRedis } from '../sandbox/redis/redis.ts';
import { median, type Report } from './report.ts';
import type { LoadResult } from './webhook/load.ts';

const CONNECTIONS = 64;
const ROUNDS = 12;
const WARM_UP_SECONDS = 3;
const ROUND_SECONDS = 2;
const WINDOWS = 5;
const WINDOW_SECONDS = 3;

type Side = 'bare' | 'slipway';

interface Running {
  port: number;
  stop(): Promise<void>;
}

function start(script: string, args: (string | number)[]): ChildProcess {
  const file = join(import.meta.dirname, 'webhook', `${script}.ts`);
  return spawn(process.execPath, [file, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the process has no output');
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error(`a benchmark process exited with code ${child.exitCode}`);
}

async function serve(side: Side, redisUrl: string): Promise<Running> {
  const child = start(side, [redisUrl, `{bench-${side}}`]);
  const port = Number(await firstLine(child));
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function load(port: number, seconds: number, rate = 0): Promise<LoadResult> {
  const child = start('load', [port, CONNECTIONS, seconds, rate]);
  const result: LoadResult = JSON.parse(await firstLine(child));
  if (result.rejected > 0) throw new Error(`${result.rejected} pushes were rejected`);
  return result;
}

const perSecond = ({ accepted, seconds }: LoadResult) => accepted / seconds;

/** Alternates both servers in one run, so that other load on the machine affects them equally. */
async function measure(servers: Record<Side, Running>, log: (line: string) => void) {
  const rates: Record<Side, number[]> = { bare: [], slipway: [] };
  for (const side of ['bare', 'slipway'] as const) await load(servers[side].port, WARM_UP_SECONDS);
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const side of ['bare', 'slipway'] as const) {
      rates[side].push(perSecond(await load(servers[side].port, ROUND_SECONDS)));
    }
    log(
      `round ${round} of ${ROUNDS}: bare ${rates.bare.at(-1)?.toFixed(0)}/s, slipway ${rates.slipway.at(-1)?.toFixed(0)}/s`,
    );
  }
  const latency = {
    bare: await latencies(servers.bare.port),
    slipway: await latencies(servers.slipway.port),
  };
  return { rates, latency };
}

/** Measures latency at half of the rate that the server took just before, so that a busy machine is not overloaded. */
async function latencies(port: number): Promise<LoadResult[]> {
  const windows: LoadResult[] = [];
  for (let window = 1; window <= WINDOWS; window += 1) {
    const most = perSecond(await load(port, 1));
    windows.push(await load(port, WINDOW_SECONDS, most / 2));
  }
  return windows;
}

/** Accepted deliveries a second, compared with a bare Fastify that checks the HMAC, parses JSON and adds one BullMQ job. */
export async function run(log: (line: string) => void): Promise<Report> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const redis = await startRedis({ dir, log });
  const running: Running[] = [];
  try {
    const bare = await serve('bare', redis.url);
    running.push(bare);
    const slipway = await serve('slipway', redis.url);
    running.push(slipway);
    return reportOf(await measure({ bare, slipway }, log));
  } finally {
    await Promise.all(running.map((server) => server.stop()));
    await redis.stop();
    await rm(dir, { recursive: true });
  }
}

function reportOf({ rates, latency }: Awaited<ReturnType<typeof measure>>): Report {
  const ratio = median(rates.slipway.map((rate, round) => rate / (rates.bare[round] ?? Number.NaN)));
  const p99 = (side: Side) => median(latency[side].map((window) => window.p99));
  const cells = (side: Side) => ({
    'accepted/s': median(rates[side]).toFixed(0),
    'p50 at half load': `${median(latency[side].map(({ p50 }) => p50)).toFixed(1)} ms`,
    'p99 at half load': `${p99(side).toFixed(1)} ms`,
  });
  return {
    name: 'webhook',
    columns: ['accepted/s', 'p50 at half load', 'p99 at half load'],
    figures: [
      { name: 'bare Fastify, HMAC, JSON, one add', cells: cells('bare') },
      { name: 'slipway server', cells: cells('slipway') },
      { name: 'ratio', cells: { 'accepted/s': ratio.toFixed(2) } },
    ],
    aims: [
      { text: 'at least 0.8 of bare Fastify', met: ratio >= 0.8 },
      { text: 'p99 at half load at most 10 ms', met: p99('slipway') <= 10 },
    ],
    data: { connections: CONNECTIONS, roundSeconds: ROUND_SECONDS, rates, ratio, latency },
  };
}
