import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../sandbox/redis/redis.ts';
import { app } from '../support/apps.ts';
import { asked, getObject, letGo } from '../support/cluster.ts';
import { deployment, slipwayYaml } from '../support/loan-service.ts';
import { errorsIn, secretsIn, type TestRepository, testRepository } from '../support/repository.ts';
import { eventually, type TestSlipway, testSlipway } from '../support/slipway.ts';

/** A Redis of this file alone, because its restarts would disturb other tests. */
let redis: RedisServer;
let dir: string;
let slipway: TestSlipway;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-redis-'));
  redis = await startRedis({ dir, log: () => undefined });
  slipway = await testSlipway('github', { redisUrl: redis.url, pollInterval: '2s' });
  await slipway.start('run');
});
afterAll(async () => {
  expect(errorsIn(slipway, [/"msg":"redis unreachable"/])).toEqual([]);
  await slipway.stop();
  await redis.stop();
  await rm(dir, { recursive: true, force: true });
});

const image = (name: string) => ({ 'deploy/loan-service/deployment.yaml': deployment({ image: name }) });

async function loanService(): Promise<TestRepository> {
  const files = (namespace: string) => ({
    'slipway.yaml': slipwayYaml(
      { production: { branch: 'main', cluster: 'prod', namespace } },
      { 'loan-service': { path: 'deploy/loan-service' }, web: { path: 'apps/web' } },
    ),
    ...image('loan-service:v1'),
    ...app('web', '1'),
  });
  const repository = await testRepository(slipway, files, 'github', { resend: false });
  await repository.reported(await repository.push({ 'README.md': 'loans' }), 'success');
  return repository;
}

async function withRedis<T>(work: (connection: Redis) => Promise<T>): Promise<T> {
  const connection = new Redis(redis.url);
  return work(connection).finally(() => connection.disconnect());
}

describe('Redis', () => {
  it('that restarts in the middle of a release lets it end exactly once', async () => {
    const repository = await loanService();
    const commit = await repository.push(image('loan-service:held'));
    await repository.reached('loan-service', ['verifying']);
    await redis.stop('SIGKILL');
    await redis.start();
    await letGo(repository.namespace);
    await repository.reported(commit, 'success');
    const history = await repository.history('loan-service');
    expect(history).toMatchObject([
      { number: 2, commit, state: 'succeeded' },
      { number: 1, state: 'succeeded' },
    ]);
  });

  it('that is down when a push arrives does not lose the push', async () => {
    const repository = await loanService();
    await redis.stop();
    const commit = await repository.push(image('loan-service:v2'));
    await repository.forge.quiet();
    await redis.start();
    await repository.reported(commit, 'success');
    expect(await repository.delivered('the finding', (one) => one.commit === commit)).toMatchObject({
      kind: 'poll',
    });
  });

  it('that was emptied is rebuilt from Git and the cluster, and nothing is applied again', async () => {
    const repository = await loanService();
    const { namespace } = repository;
    const before = await getObject('deployment', namespace, 'loan-service');
    await withRedis((connection) => connection.flushall());
    const found = await eventually('the targets found again', async () => {
      const targets = (await slipway.targets()).filter((one) => one.repository === repository.id);
      return targets.length === 2 && targets.every(({ release }) => release?.endedAt) ? targets : undefined;
    });
    for (const { release } of found) expect(release).toMatchObject({ state: 'unchanged', number: 2 });
    const after = await getObject('deployment', namespace, 'loan-service');
    expect(asked(after)).toEqual(asked(before));

    const commit = await repository.push(image('loan-service:v2'));
    await repository.reported(commit, 'success');
    const [newest] = await repository.history('loan-service');
    expect(newest).toMatchObject({ state: 'succeeded', commit });
    expect(newest?.number).toBeGreaterThan(2);
  });

  it('that is emptied in the middle of a release still ends with the newest commit on the cluster', async () => {
    const repository = await loanService();
    const commit = await repository.push(image('loan-service:held'));
    await repository.reached('loan-service', ['verifying']);
    await withRedis((connection) => connection.flushall());
    // Otherwise it could write its record to the cluster before it learns that it has lost its lease.
    const taken = `another run has taken over ${repository.target('loan-service')}`;
    await eventually('the end of its turn', async () => slipway.logs().includes(taken));
    await letGo(repository.namespace);
    await eventually('the release after it', async () => {
      const [newest] = await repository.history('loan-service');
      return newest?.commit === commit && newest.state === 'succeeded';
    });
    const next = await repository.push(image('loan-service:v3'));
    await repository.reported(next, 'success');
    const live = await getObject('deployment', repository.namespace, 'loan-service');
    expect(JSON.stringify(live?.spec)).toContain('loan-service:v3');
  });

  it('contains no secret of server.yaml', async () => {
    const dump = await withRedis(async (connection) => {
      const keys = await connection.keys('*');
      const values = await Promise.all(keys.map((key) => connection.dumpBuffer(key)));
      const texts = await Promise.all(keys.map((key) => readable(connection, key)));
      return [...keys, ...values.map((value) => value?.toString('latin1') ?? ''), ...texts].join('\n');
    });
    expect(dump).toContain('loan-service');
    expect(secretsIn(slipway, dump)).toEqual([]);
    expect(secretsIn(slipway, slipway.logs())).toEqual([]);
  });
});

/** DUMP compresses long values, so values that are text are read as text too. */
async function readable(connection: Redis, key: string): Promise<string> {
  const type = await connection.type(key);
  if (type === 'string') return (await connection.get(key)) ?? '';
  if (type === 'hash') return JSON.stringify(await connection.hgetall(key));
  if (type === 'stream') return JSON.stringify(await connection.xrange(key, '-', '+'));
  return '';
}
