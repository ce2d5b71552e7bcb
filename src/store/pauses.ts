import type { Cluster, Redis } from 'ioredis';

/** Forges that asked for a pause: no worker on any machine asks them before it is over. */
export interface Pauses {
  /** Milliseconds that remain; 0 where there is none. */
  remaining(forge: string): Promise<number>;
  set(forge: string, ms: number): Promise<void>;
}

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
