import type { Cluster, Redis } from 'ioredis';
import type { RepositoryStore } from '../ports/repositories.ts';
import type { StateKeys } from './state-keys.ts';

export function createRepositoryStore(redis: Redis | Cluster, keys: StateKeys): RepositoryStore {
  return {
    async read(repository) {
      const [defaultBranch, heads, config] = await redis.hmget(
        keys.repository(repository),
        'defaultBranch',
        'heads',
        'config',
      );
      if (!heads) return undefined;
      return {
        defaultBranch: defaultBranch ?? undefined,
        heads: JSON.parse(heads) as Record<string, string>,
        config: config ?? undefined,
      };
    },
    async write(repository, { defaultBranch, heads, config }) {
      await redis.hset(keys.repository(repository), {
        heads: JSON.stringify(heads),
        ...(defaultBranch === undefined ? {} : { defaultBranch }),
        ...(config === undefined ? {} : { config }),
      });
    },
    async takePoll(repository, intervalMs) {
      const taken = await redis.set(keys.pollLock(repository), '1', 'PX', Math.ceil(intervalMs), 'NX');
      return taken === 'OK';
    },
  };
}
