import type { SecretReader } from './secret-reader.ts';
import type { RedisCluster, RedisConfig, RedisSentinel, RedisUrl, TlsConfig } from './server-config.ts';
import type { RedisFile } from './server-redis-schema.ts';
import type { SecretSource } from './values.ts';

export async function resolveRedis(redis: RedisFile, secrets: SecretReader): Promise<RedisConfig> {
  const read = (key: string, source: SecretSource | undefined) =>
    source && secrets.read(source, ['redis', key]);
  return {
    prefix: redis.prefix,
    username: redis.username,
    password: await read('password', redis.password),
    tls: await resolveTls(redis.tls, secrets),
    ...(await resolvePlace(redis, secrets)),
  };
}

async function resolvePlace(
  redis: RedisFile,
  secrets: SecretReader,
): Promise<RedisUrl | RedisSentinel | RedisCluster> {
  if (redis.cluster) return { kind: 'cluster', nodes: redis.cluster };
  if (redis.sentinels) {
    return {
      kind: 'sentinel',
      sentinels: redis.sentinels,
      name: redis.name ?? '',
      sentinelPassword:
        redis.sentinelPassword && (await secrets.read(redis.sentinelPassword, ['redis', 'sentinelPassword'])),
    };
  }
  const { url = '' } = redis;
  return { kind: 'url', url: typeof url === 'string' ? url : await secrets.read(url, ['redis', 'url']) };
}

async function resolveTls(tls: RedisFile['tls'], secrets: SecretReader): Promise<TlsConfig | undefined> {
  if (tls === undefined || tls === false) return undefined;
  if (tls === true) return {};
  const read = (key: 'ca' | 'cert' | 'key') => tls[key] && secrets.read(tls[key], ['redis', 'tls', key]);
  return { ca: await read('ca'), cert: await read('cert'), key: await read('key') };
}
