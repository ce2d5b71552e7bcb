import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pLimit from 'p-limit';
import { ForgeClient } from '../sandbox/forge/client.ts';
import type { ForgeAddress } from '../sandbox/forge/protocol.ts';
import { startRedis } from '../sandbox/redis/redis.ts';
import { createConfigReader } from '../src/config/config-reader.ts';
import { createMirrors } from '../src/git/mirrors.ts';
import { PollLanes } from '../src/intake/poll-lanes.ts';
import { lookForMissed } from '../src/intake/poll-look.ts';
import type { IntakePorts } from '../src/intake/ports.ts';
import { createWakeUps } from '../src/queue/wake-ups.ts';
import { createLimiter } from '../src/release/limiter.ts';
import { connectRedis, whenReady } from '../src/store/connection.ts';
import { createDeliveries } from '../src/store/deliveries.ts';
import { createRepositoryStore } from '../src/store/repositories.ts';
import { stateKeys } from '../src/store/state-keys.ts';
import { createLogger } from '../src/telemetry/logger.ts';
import { createMasker } from '../src/telemetry/secrets.ts';
import type { Figure, Report } from './report.ts';

const REPOSITORIES = 5_000;
/** As a process has them for each forge. */
const LANES = 16;
const INTERVAL_SECONDS = 180;
const CREATED_AT_ONCE = 8;
/** Looks by `git ls-remote`, to compare with. */
const BY_GIT = 500;
const PREFIX = '{bench-poll}';
const DAYS = 24 * 60 * 60 * 1_000;

/**
 * One round of the poll over 5,000 repositories of one forge, as after Redis was lost: every look lists the branches, reads
 * Redis, and records that the head was not announced.
 */
export async function run(log: (line: string) => void): Promise<Report> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-poll-'));
  const forge = spawn(process.execPath, ['sandbox/forge/main.ts', '--dir', join(dir, 'forge')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const redis = await startRedis({ dir, log });
  try {
    const address = JSON.parse(await firstLine(forge.stdout)) as ForgeAddress;
    const names = await createAll(new ForgeClient(address), log);
    const wire = await round(names, address, redis.url, join(dir, 'wire'), process.env);
    log(`${names.length} looks on kept connections: ${wire.seconds.toFixed(1)} s`);
    // With a proxy in the environment every call is left to git.
    const proxied = { ...process.env, HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' };
    const git = await round(names.slice(0, BY_GIT), address, redis.url, join(dir, 'git'), proxied);
    const figures = [figure('on kept connections', wire), figure('by git ls-remote', git)];
    const text = `${REPOSITORIES} repositories within half of the interval of ${INTERVAL_SECONDS} s`;
    return {
      name: 'poll',
      columns: ['looks', 'seconds', 'looks/s', 'CPU of Slipway per look'],
      figures,
      aims: [{ text, met: wire.seconds < INTERVAL_SECONDS / 2 }],
      data: { wire, git, lanes: LANES },
    };
  } finally {
    forge.kill('SIGTERM');
    await once(forge, 'exit');
    await redis.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

interface Round {
  looks: number;
  seconds: number;
  cpuMs: number;
}

async function round(
  names: string[],
  { github }: ForgeAddress,
  redisUrl: string,
  dir: string,
  env: NodeJS.ProcessEnv,
): Promise<Round> {
  const log = createLogger({ level: 'warn', name: 'poll', masker: createMasker([github.token]) });
  const redis = connectRedis({ kind: 'url', url: redisUrl, prefix: PREFIX }, { role: 'worker', log });
  await whenReady(redis, 5_000);
  await redis.flushall();
  const basic = Buffer.from(`x-access-token:${github.token}`).toString('base64');
  const header = `Authorization: Basic ${basic}`;
  const mirrors = createMirrors({
    dir,
    env,
    log,
    access: async (id) => ({ url: `${github.url}${id.slice('github'.length)}.git`, kind: 'header', header }),
  });
  const wakeUps = createWakeUps(redis, PREFIX, { clusters: [], forges: ['github'] }, () => undefined);
  const configs = createConfigReader({
    refused: { read: async () => undefined, write: async () => undefined },
    version: 'bench',
  });
  const ports = {
    mirrors,
    wakeUps,
    configs,
    log,
    repositories: createRepositoryStore(redis, stateKeys(PREFIX)),
    deliveries: createDeliveries(redis, { prefix: PREFIX, keepMs: DAYS, keepCount: 2 * REPOSITORIES }),
  } as unknown as IntakePorts;
  const { signal } = new AbortController();
  const lanes = new PollLanes(
    () => createLimiter(LANES),
    () => undefined,
    signal,
  );
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  for (const name of names) {
    const id = `github/${name}`;
    lanes.add(id, () => lookForMissed(id, false, ports, signal));
  }
  await lanes.end();
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const found = Number(await redis.zcard(`${PREFIX}:deliveries`));
  if (found < names.length) throw new Error(`${found} of ${names.length} heads were found`);
  await Promise.allSettled([mirrors.close(), wakeUps.close(), configs.close()]);
  redis.disconnect();
  return { looks: names.length, seconds, cpuMs: (user + system) / 1_000 };
}

async function createAll(client: ForgeClient, log: (line: string) => void): Promise<string[]> {
  const limit = pLimit(CREATED_AT_ONCE);
  const names = Array.from({ length: REPOSITORIES }, (_, index) => `acme/service-${index}`);
  let made = 0;
  await Promise.all(
    names.map((name) =>
      limit(async () => {
        await client.createRepository('github', name, { files: { 'README.md': name } });
        made += 1;
        if (made % 500 === 0) log(`${made} of ${REPOSITORIES} repositories created`);
      }),
    ),
  );
  return names;
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  throw new Error('the forge did not start');
}

function figure(name: string, { looks, seconds, cpuMs }: Round): Figure {
  return {
    name,
    cells: {
      looks,
      seconds: seconds.toFixed(1),
      'looks/s': (looks / seconds).toFixed(0),
      'CPU of Slipway per look': `${(cpuMs / looks).toFixed(2)} ms`,
    },
  };
}
