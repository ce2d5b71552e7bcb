import type { Cluster, Redis } from 'ioredis';
import { z } from 'zod';
import type { RepositoryStore } from '../ports/repositories.ts';
import { runScript, script } from './script.ts';
import type { StateKeys } from './state-keys.ts';
import { ALL, overdueScript, settleScript, waitScript } from './waiting-scripts.ts';

/** An intake that stalls after it has written desired revisions must not overwrite what a later one has learned. */
const writeState = script(`
if redis.call('HGET', KEYS[1], 'mark') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 1
`);

export function createRepositoryStore(redis: Redis | Cluster, keys: StateKeys): RepositoryStore {
  return {
    async read(repository) {
      const [defaultBranch, heads, config, unrecalled] = await redis.hmget(
        keys.repository(repository),
        'defaultBranch',
        'heads',
        'config',
        'unrecalled',
      );
      if (!heads) return undefined;
      return {
        defaultBranch: defaultBranch ?? undefined,
        heads: JSON.parse(heads) as Record<string, string>,
        config: config ?? undefined,
        isUnrecalled: unrecalled === '1',
      };
    },
    async write(repository, sequence, { defaultBranch, heads, config, isUnrecalled }) {
      const unrecalled = isUnrecalled ? '1' : '0';
      const fields = Object.entries({ heads: JSON.stringify(heads), defaultBranch, config, unrecalled });
      const given = fields.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
      await runScript(redis, writeState, [keys.repository(repository)], [sequence, ...given]);
    },
    async requestLook(repositories) {
      if (repositories.length === 0) return;
      await runScript(redis, waitScript, [keys.looks], repositories);
    },
    lookRequestedAt: (repository) => redis.zscore(keys.looks, repository),
    async settleLook(repository, requestedAt) {
      if (requestedAt !== null) await runScript(redis, settleScript, [keys.looks], [repository, requestedAt]);
    },
    async overdueLooks(olderThanMs) {
      return z
        .array(z.string())
        .parse(await runScript(redis, overdueScript, [keys.looks], [olderThanMs, ALL]));
    },
    isFresh: async () => (await redis.set(keys.polled, '1', 'NX')) === 'OK',
    async takePoll(repository, intervalMs) {
      const taken = await redis.set(keys.pollLock(repository), '1', 'PX', Math.ceil(intervalMs), 'NX');
      return taken === 'OK';
    },
  };
}
