import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InjectOptions } from 'fastify';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../sandbox/redis/redis.ts';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import { buildOps } from '../../../src/server/ops.ts';
import { isReachable } from '../../../src/store/connection.ts';
import { githubPush, type ServerUnderTest, startUnderTest, TOKEN } from './server-under-test.ts';

/** A Redis of this test alone: it is stopped and held up here. */
let redisServer: RedisServer;
let dir: string;
let server: ServerUnderTest;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-outage-'));
  redisServer = await startRedis({ dir, log: () => {} });
  server = await startUnderTest(redisServer.url);
});
afterEach(async () => {
  await server.close();
  await redisServer.stop();
  await rm(dir, { recursive: true });
});

async function responseTo(request: InjectOptions) {
  const response = await server.app.inject(request);
  return { status: response.statusCode, body: response.json() };
}

it('responds with 503 while Redis is down, and with 202 again when it is back', async () => {
  await redisServer.stop('SIGKILL');

  const down = await responseTo(githubPush({ id: 'lost' }));
  expect(down).toMatchObject({ status: 503, body: { code: 'REDIS_UNREACHABLE' } });

  await redisServer.start();
  await expect.poll(async () => (await responseTo(githubPush())).status).toBe(202);
});

it('responds with 503 while Redis hangs, without waiting for it', async () => {
  const admin = new Redis(redisServer.url);
  await admin.client('PAUSE', 3_600_000);
  admin.disconnect();

  const hung = await responseTo(githubPush());

  expect(hung).toMatchObject({ status: 503, body: { code: 'REDIS_UNREACHABLE' } });
});

it('accepts pushes again after Redis did not respond when a queue was used first', async () => {
  const admin = new Redis(redisServer.url);
  await admin.client('PAUSE', 5_000);
  admin.disconnect();

  await expect(server.wakeUps.enqueueIntake(['github/acme/loans'])).rejects.toThrow();

  await expect.poll(async () => (await responseTo(githubPush())).status).toBe(202);
});

it.each([
  '/api/deliveries',
  '/api/deliveries/github%3A1',
  '/api/targets',
  '/api/targets/history?target=web%40production',
  '/api/releases/1a2b3c4d-1',
])('responds to %s with 503 while Redis is down', async (url) => {
  await redisServer.stop('SIGKILL');

  const read = await responseTo({ url, headers: { authorization: `Bearer ${TOKEN}` } });

  expect(read).toMatchObject({ status: 503, body: { code: 'REDIS_UNREACHABLE' } });
});

it('accepts a push again after Redis was emptied', async () => {
  await server.app.inject(githubPush({ id: 'same' }));
  const admin = new Redis(redisServer.url);
  await admin.flushall();
  await admin.call('SCRIPT', 'FLUSH');
  admin.disconnect();

  const again = await responseTo(githubPush({ id: 'same' }));

  expect(again).toMatchObject({ status: 202, body: { state: 'waiting' } });
});

it('is alive and reports that it is not ready while Redis is down', async () => {
  const { metrics, log } = server.composition;
  const checks = { redis: () => isReachable(server.redis, PATIENCE_MS) };
  const ops = buildOps({ metrics, log, checks });

  const before = await ops.inject('/readyz');
  await redisServer.stop('SIGKILL');
  const after = await ops.inject('/readyz');
  const alive = await ops.inject('/healthz');

  expect([before.statusCode, before.json()]).toEqual([200, { ok: true, checks: { redis: true } }]);
  expect([after.statusCode, after.json()]).toEqual([503, { ok: false, checks: { redis: false } }]);
  expect(alive.statusCode).toBe(200);
});

it('logs one line when Redis is lost and one when it is back', async () => {
  const outages = () => server.logged.filter(({ msg }) => String(msg).startsWith('redis'));
  await redisServer.stop('SIGKILL');
  await expect.poll(outages).not.toEqual([]);
  // It tries again and again meanwhile.
  await sleep(1_500);

  await redisServer.start();

  await expect.poll(() => outages().at(-1)?.msg).toBe('redis reachable again');
  expect(outages()).toMatchObject([{ msg: 'redis unreachable', level: 'error' }, { level: 'info' }]);
});
