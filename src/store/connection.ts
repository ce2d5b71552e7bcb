import { Cluster, Redis } from 'ioredis';
import type { RedisConfig, RedisSentinel } from '../config/server-config.ts';
import type { Logger } from '../telemetry/logger.ts';
import { limitCommands } from './command-timeout.ts';

export interface ConnectionRole {
  /** Producers fail fast, so that a webhook gets 503 at once; workers wait until Redis is back. */
  role: 'producer' | 'worker';
  log: Logger;
}

/** Milliseconds a producer waits for one response. A webhook makes two round trips and must end within a second. */
const COMMAND_TIMEOUT = 900;
const LONGEST_PAUSE = 1_000;

function pause(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 6), LONGEST_PAUSE);
}

/** https://docs.bullmq.io/guide/going-to-production: workers retry for ever, producers give up after one retry. */
function roleOptions(role: ConnectionRole['role']) {
  if (role === 'worker') return { maxRetriesPerRequest: null, enableOfflineQueue: true };
  return { maxRetriesPerRequest: 1, enableOfflineQueue: false };
}

function commonOptions(config: RedisConfig, role: ConnectionRole['role']) {
  return {
    ...roleOptions(role),
    connectTimeout: 5_000,
    retryStrategy: pause,
    // A master that became a replica in a failover responds with READONLY: connect again, to the new master.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...(config.username === undefined ? {} : { username: config.username }),
    ...(config.password === undefined ? {} : { password: config.password }),
    ...(config.tls === undefined ? {} : { tls: config.tls }),
  };
}

function sentinelOptions(config: RedisConfig & RedisSentinel) {
  return {
    name: config.name,
    sentinels: config.sentinels,
    ...(config.sentinelPassword === undefined ? {} : { sentinelPassword: config.sentinelPassword }),
    ...(config.tls === undefined ? {} : { sentinelTLS: config.tls, enableTLSForSentinelMode: true }),
  };
}

function open(config: RedisConfig, role: ConnectionRole['role']): Redis | Cluster {
  const common = commonOptions(config, role);
  switch (config.kind) {
    case 'url':
      return new Redis(config.url, common);
    case 'sentinel':
      return new Redis({ ...common, ...sentinelOptions(config) });
    case 'cluster':
      return new Cluster(config.nodes, {
        enableOfflineQueue: role === 'worker',
        clusterRetryStrategy: pause,
        redisOptions: common,
      });
  }
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

/** Connects in the background; commands before it is connected wait (worker) or reject (producer). */
export function connectRedis(config: RedisConfig, connection: ConnectionRole): Redis | Cluster {
  const redis = open(config, connection.role);
  if (connection.role === 'producer') limitCommands(redis, COMMAND_TIMEOUT);
  logOutages(redis, connection);
  return redis;
}

/** Resolves to whether it is connected in time, so that a producer does not refuse requests of its first milliseconds. */
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

/** Whether Redis responds now; never rejects. */
export async function isReachable(redis: Redis | Cluster, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const response = redis.ping().then(
    (pong) => pong === 'PONG',
    () => false,
  );
  return Promise.race([response, late]).finally(() => clearTimeout(timer));
}
