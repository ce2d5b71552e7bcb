import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startRedis } from '../sandbox/redis/redis.ts';
import type { ChangeSet } from '../src/model/change-set.ts';
import { type Target, targetId } from '../src/model/target.ts';
import type { DesiredStore, Found } from '../src/ports/desired.ts';
import type { ReleaseStore } from '../src/ports/releases.ts';
import { createDesiredStore } from '../src/store/desired.ts';
import { createReleaseStore } from '../src/store/releases.ts';
import { type StateKeys, stateKeys } from '../src/store/state-keys.ts';
import type { Figure, Report } from './report.ts';

const TARGETS = 10_000;
const RELEASES = 20;
const PER_REPOSITORY = 10;
/** Objects of an app; a release changes two of them. */
const OBJECTS = 8;
const AT_ONCE = 200;

function targetAt(index: number): Target {
  const repository = `github/acme/service-${String(Math.floor(index / PER_REPOSITORY)).padStart(4, '0')}`;
  const app = `component-${index % PER_REPOSITORY}`;
  return {
    id: targetId({ repository, app, environment: 'production' }),
    repository,
    app,
    environment: 'production',
    branch: 'main',
    cluster: 'prod',
    namespace: `service-${index}`,
    path: `deploy/${app}`,
    helm: { releaseName: app, values: [] },
    dependsOn: [],
    timeoutMs: 300_000,
    failFastMs: 60_000,
  };
}

function changeSetOf({ app, namespace, path }: Target, release: number): ChangeSet {
  const kinds = [
    'Deployment',
    'Service',
    'ConfigMap',
    'Ingress',
    'ServiceAccount',
    'Role',
    'RoleBinding',
    'Secret',
  ];
  return {
    changes: kinds.slice(0, OBJECTS).map((kind, at) => ({
      ref: { group: at === 0 ? 'apps' : '', version: 'v1', kind, namespace, name: app },
      action: at < 2 ? 'configured' : 'unchanged',
      source: { file: `${path}/${kind.toLowerCase()}.yaml`, line: 1 },
      fields:
        at < 2
          ? [
              {
                path: 'spec.template.spec.containers[name=app].image',
                before: `registry.example.com/${app}:v${release}`,
                after: `registry.example.com/${app}:v${release + 1}`,
              },
            ]
          : [],
    })),
  };
}

interface Stores {
  redis: Redis;
  keys: StateKeys;
  desired: DesiredStore;
  releases: ReleaseStore;
}

async function mebibytes(redis: Redis): Promise<number> {
  const [, bytes = '0'] = /used_memory:(\d+)/.exec(await redis.info('memory')) ?? [];
  return Number(bytes) / 1024 ** 2;
}

async function release(target: Target, number: number, { keys, desired, releases, redis }: Stores) {
  const found: Found = {
    target,
    commit: number.toString(16).padStart(40, '0'),
    contentKey: `${'k'.repeat(60)}${number}`,
    cause: { kind: 'push', by: 'ada', delivery: 'github:72d3162e-cc78-11e3-81ab-4c9367dc0958' },
    retry: false,
  };
  await redis.set(keys.lease(target.id), 'run');
  await desired.setDesired(target.repository, await desired.nextSequence(target.repository), [found]);
  const record = await releases.record(target.id);
  if (!record?.desired) throw new Error(`nothing is desired of ${target.id}`);
  const started = await releases.start(record.desired, 0, 'run');
  const times = { queued: 12, rendering: 80, checking: 40, applying: 120, verifying: 9_000, pruning: 10 };
  const ended = {
    state: 'succeeded',
    times,
    endedAt: Date.now(),
    summary: '2 configured, 6 unchanged',
  } as const;
  await releases.write({ ...started, ...ended }, 'run', changeSetOf(target, number));
}

async function releaseAll(targets: Target[], number: number, stores: Stores): Promise<void> {
  for (let at = 0; at < targets.length; at += AT_ONCE) {
    const some = targets.slice(at, at + AT_ONCE);
    // One target of a repository after another: an intake with a lower sequence number writes nothing.
    for (let step = 0; step < PER_REPOSITORY; step++) {
      const turn = some.filter((_, index) => index % PER_REPOSITORY === step);
      await Promise.all(turn.map((target) => release(target, number, stores)));
    }
  }
}

/** Redis memory of ten thousand targets, after each of them had one release, and as many as are always kept. */
export async function run(log: (line: string) => void): Promise<Report> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-memory-'));
  const server = await startRedis({ dir, log });
  const redis = new Redis(server.url);
  const keys = stateKeys('{slipway}');
  const stores = {
    redis,
    keys,
    desired: createDesiredStore(redis, keys),
    releases: createReleaseStore(redis, keys),
  };
  const targets = Array.from({ length: TARGETS }, (_, index) => targetAt(index));
  const before = await mebibytes(redis);
  const figures: Figure[] = [];
  for (let number = 1; number <= RELEASES; number++) {
    await releaseAll(targets, number, stores);
    const used = Math.round((await mebibytes(redis)) - before);
    log(`${number} releases each: ${used} MiB`);
    if (number === 1 || number === RELEASES) {
      figures.push({ name: `${TARGETS} targets, ${number} releases each`, cells: { MiB: used } });
    }
  }
  redis.disconnect();
  await server.stop();
  await rm(dir, { recursive: true });
  return { name: 'redis-memory', columns: ['MiB'], figures, aims: [], data: figures };
}
