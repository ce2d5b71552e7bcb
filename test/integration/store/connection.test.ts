import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Child, startChild } from '../../../sandbox/child.ts';
import { freePort } from '../../../sandbox/ports.ts';
import { findRedisServer } from '../../../sandbox/redis/find-redis-server.ts';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import type { RedisConfig } from '../../../src/config/server-config.ts';
import { createWakeUps } from '../../../src/queue/wake-ups.ts';
import { connectRedis, isReachable, whenReady } from '../../../src/store/connection.ts';
import { createDeliveries } from '../../../src/store/deliveries.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createOutbox } from '../../../src/store/outbox.ts';
import { stateKeys } from '../../../src/store/state-keys.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createMasker } from '../../../src/telemetry/secrets.ts';
import { found } from '../../support/found.ts';

const log = createLogger({ level: 'silent', masker: createMasker() });
const prefix = '{slipway}';

let dir: string;
let port: number;
let server: Child;

/** A redis-server with settings that the shared one does not have. */
async function start(settings: string[]): Promise<void> {
  const program = await findRedisServer(() => {});
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--save', '', ...settings];
  server = startChild({ name: 'redis', program, args, logFile: join(dir, 'redis.log') });
}

const outside = { clusters: ['prod'], forges: ['github', 'gitlab'] };

/** Records a delivery and enqueues an intake, as the webhook does. */
async function acceptAndEnqueue(config: RedisConfig) {
  const redis = connectRedis(config, { role: 'producer', log });
  try {
    expect(await whenReady(redis, PATIENCE_MS)).toBe(true);
    const deliveries = createDeliveries(redis, { prefix, keepMs: 60_000, keepCount: 100 });
    const repository = 'github/acme/loans';
    const id = `github:${randomUUID()}`;
    const delivery = { kind: 'webhook', forge: 'github', event: 'push', receivedAt: Date.now() } as const;
    await deliveries.accept([{ ...delivery, id, repository, known: true }]);
    const wakeUps = createWakeUps(redis, prefix, outside, () => 'acme');
    await wakeUps.enqueueIntake([repository]);
    const enqueued = (await wakeUps.counts()).intake?.waiting;
    const claimed = await deliveries.claim(repository);
    await deliveries.end([id], { state: 'done', outcome: 'deployed', targets: [] });
    await wakeUps.close();
    return { enqueued, claimed: claimed.length, ended: await deliveries.get(id) };
  } finally {
    redis.disconnect();
  }
}

/** Writes a desired revision, and reads its event as the consumer of a channel does. */
async function eventsOfPush(config: RedisConfig) {
  const redis = connectRedis(config, { role: 'worker', log });
  try {
    const keys = stateKeys(prefix);
    const consumer = await createOutbox(redis, keys).consumer('chat');
    await consumer.hold();
    const desired = createDesiredStore(redis, keys);
    const pushed = found('web', 'one');
    const { repository } = pushed.target;
    await desired.setDesired(repository, await desired.nextSequence(repository), [pushed]);
    const batch = await consumer.next(10);
    await consumer.acknowledge(batch?.events.map(({ cursor }) => cursor) ?? []);
    await consumer.release();
    return batch?.events.map(({ event }) => event.kind);
  } finally {
    redis.disconnect();
  }
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-redis-'));
  port = await freePort();
});
afterEach(async () => {
  await server.stop();
  await rm(dir, { recursive: true });
});

describe('a connection', () => {
  it('works on a Redis Cluster, where all keys of a script must share a slot', async () => {
    // By default it is the port plus 10,000, which may be some connection's source port.
    const busPort = String(await freePort());
    const address = ['--cluster-announce-ip', '127.0.0.1', '--cluster-port', busPort];
    await start(['--cluster-enabled', 'yes', ...address]);
    const node = new Redis(port, '127.0.0.1').on('error', () => {});
    await node.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await expect.poll(() => node.call('CLUSTER', 'INFO')).toContain('cluster_state:ok');
    node.disconnect();

    const cluster: RedisConfig = { kind: 'cluster', nodes: [{ host: '127.0.0.1', port }], prefix };
    const result = await acceptAndEnqueue(cluster);

    expect(result).toMatchObject({ enqueued: 1, claimed: 1, ended: { state: 'done' } });
    expect(await eventsOfPush(cluster)).toEqual(['queued']);
  });

  it('uses the password and the database of the URL', async () => {
    await start(['--requirepass', 'a-password']);

    const url = `redis://:a-password@127.0.0.1:${port}/3`;
    const result = await acceptAndEnqueue({ kind: 'url', url, prefix });

    expect(result).toMatchObject({ enqueued: 1, claimed: 1 });
    const other = new Redis(`redis://:a-password@127.0.0.1:${port}/0`);
    expect(await other.dbsize()).toBe(0);
    other.disconnect();
  });

  it('accepts a response that came while its own process was busy, and rejects if none comes', async () => {
    await start([]);
    const redis = connectRedis(
      { kind: 'url', url: `redis://127.0.0.1:${port}`, prefix },
      { role: 'producer', log },
    );
    expect(await whenReady(redis, PATIENCE_MS)).toBe(true);

    const response = redis.ping();
    const until = performance.now() + 3_000;
    while (performance.now() < until);
    expect(await response).toBe('PONG');

    await redis.client('PAUSE', 3_600_000);
    await expect(redis.ping()).rejects.toThrow('Command timed out');
    redis.disconnect();
  });

  it('is not reachable with a wrong password, and does not show it in the error', async () => {
    await start(['--requirepass', 'a-password']);
    const url = `redis://:wrong-password@127.0.0.1:${port}`;
    const redis = connectRedis({ kind: 'url', url, prefix }, { role: 'producer', log });

    expect(await isReachable(redis, 1_000)).toBe(false);
    const deliveries = createDeliveries(redis, { prefix, keepMs: 60_000, keepCount: 100 });
    const refused = await deliveries.get('github:1').catch((error: unknown) => error);
    redis.disconnect();

    expect(refused).toMatchObject({ code: 'REDIS_UNREACHABLE' });
    expect(String(refused)).not.toContain('wrong-password');
  });
});
