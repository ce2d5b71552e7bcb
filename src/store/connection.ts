import type { ConnectionOptions } from 'node:tls';
import { Cluster, Redis } from 'ioredis';
import type { Logger } from '../telemetry/logger.ts';

export interface RedisNode {
  host: string;
  port: number;
}

/** Where Redis is; `redis` of server.yaml with its secrets read. Exactly one of `url`, `sentinels`, `cluster`. */
export interface RedisSettings {
  /** `redis://user:password@host:6379/0`; `rediss://` for TLS. */
  url?: string | undefined;
  sentinels?: { name: string; nodes: RedisNode[]; password?: string | undefined } | undefined;
  cluster?: { nodes: RedisNode[] } | undefined;
  username?: string | undefined;
  password?: string | undefined;
  db?: number | undefined;
  tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'> | undefined;
  /** Shared by every key and queue, in braces so that a Redis Cluster keeps them in one slot. */
  prefix: string;
}

export interface ConnectionRole {
  /** Producers fail fast, so that a webhook hears 503 at once; workers wait until Redis is back. */
  role: 'producer' | 'worker';
  log: Logger;
}

/** Milliseconds a producer waits for one answer. A webhook makes two round trips and must be answered within a second. */
const COMMAND_TIMEOUT = 900;
const LONGEST_PAUSE = 1_000;

function pause(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 6), LONGEST_PAUSE);
}

/** https://docs.bullmq.io/guide/going-to-production: workers retry for ever, producers give up after one retry. */
function roleOptions(role: ConnectionRole['role']) {
  if (role === 'worker') return { maxRetriesPerRequest: null, enableOfflineQueue: true };
  return { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: COMMAND_TIMEOUT };
}

function commonOptions(settings: RedisSettings, role: ConnectionRole['role']) {
  return {
    ...roleOptions(role),
    connectTimeout: 5_000,
    retryStrategy: pause,
    // A master that has become a replica after a failover answers READONLY: connect again, to the new master.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...(settings.password === undefined ? {} : { password: settings.password }),
    ...(settings.tls === undefined ? {} : { tls: settings.tls }),
  };
}

function open(settings: RedisSettings, role: ConnectionRole['role']): Redis | Cluster {
  const common = commonOptions(settings, role);
  const db = settings.db === undefined ? {} : { db: settings.db };
  if (settings.cluster) {
    return new Cluster(settings.cluster.nodes, {
      enableOfflineQueue: role === 'worker',
      clusterRetryStrategy: pause,
      redisOptions: common,
    });
  }
  if (settings.sentinels) {
    const { name, nodes, password } = settings.sentinels;
    const sentinelPassword = password === undefined ? {} : { sentinelPassword: password };
    const tls = settings.tls ? { sentinelTLS: settings.tls, enableTLSForSentinelMode: true } : {};
    return new Redis({ ...common, ...db, ...sentinelPassword, ...tls, name, sentinels: nodes });
  }
  return new Redis(settings.url ?? 'redis://127.0.0.1:6379', { ...common, ...db });
}

/** One line when Redis is lost and one when it is back; ioredis itself reports every attempt. */
function logOutages(redis: Redis | Cluster, { role, log }: ConnectionRole): void {
  let down = false;
  redis.on('error', (error: Error) => {
    if (down) return;
    down = true;
    log.error({ role, reason: error.message }, 'redis unreachable');
  });
  redis.on('ready', () => {
    if (down) log.info({ role }, 'redis reachable again');
    down = false;
  });
}

/** Connects in the background; commands before the connection stands wait (worker) or reject (producer). */
export function connectRedis(settings: RedisSettings, connection: ConnectionRole): Redis | Cluster {
  const redis = open(settings, connection.role);
  logOutages(redis, connection);
  return redis;
}

/** Resolves when the connection stands, so that a producer does not refuse what comes in the first milliseconds. */
export async function whenReady(redis: Redis | Cluster, timeoutMs: number): Promise<boolean> {
  if (redis.status === 'ready') return true;
  return new Promise((resolve) => {
    const ready = () => {
      clearTimeout(timer);
      resolve(true);
    };
    const timer = setTimeout(() => {
      redis.off('ready', ready);
      resolve(false);
    }, timeoutMs);
    redis.once('ready', ready);
  });
}

/** Whether Redis answers now; never rejects. */
export async function isReachable(redis: Redis | Cluster, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const answer = redis.ping().then(
    (pong) => pong === 'PONG',
    () => false,
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
