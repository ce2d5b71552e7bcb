import type { Cluster, Redis } from 'ioredis';
import type { HeirStore } from '../ports/heirs.ts';
import { type StateKeys, tookField } from './state-keys.ts';

const TAKES = 'takes';

export function createHeirStore(redis: Redis | Cluster, keys: StateKeys): HeirStore {
  return {
    async refused(owner, heir, revision) {
      await redis.hset(keys.heirs(owner), heir, revision);
    },
    async takes(owner, heir) {
      const batch = redis.pipeline();
      batch.hset(keys.target(heir), tookField(owner), 1);
      batch.hset(keys.heirs(owner), heir, TAKES);
      // What went the other way before is history: the owner is no heir of its heir any more.
      batch.hdel(keys.heirs(heir), owner);
      const answers = (await batch.exec()) ?? [];
      for (const [error] of answers) if (error) throw error;
    },
    async settled(heir, owners) {
      await redis.hdel(keys.target(heir), ...owners.map(tookField));
    },
    async of(owner) {
      const found = await redis.hgetall(keys.heirs(owner));
      return Object.entries(found).map(([target, value]) =>
        value === TAKES ? { target } : { target, refusedAt: Number(value) },
      );
    },
  };
}
