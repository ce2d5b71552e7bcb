import type { Cluster, Redis } from 'ioredis';
import type { Pauses } from '../ports/pauses.ts';

export function createPauses(redis: Redis | Cluster, prefix: string): Pauses {
  const key = (forge: string) => `${prefix}:pause:${forge}`;
  return {
    async remaining(forge) {
      return Math.max(0, await redis.pttl(key(forge)));
    },
    async set(forge, ms) {
      await redis.set(key(forge), '1', 'PX', Math.max(1, Math.ceil(ms)));
    },
  };
}
