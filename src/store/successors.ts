import type { ChainableCommander, Cluster, Redis } from 'ioredis';
import type { SuccessorStore } from '../ports/successors.ts';
import { LOSSES, type StateKeys, tookField } from './state-keys.ts';

const TAKES = 'takes';

export function createSuccessorStore(redis: Redis | Cluster, keys: StateKeys): SuccessorStore {
  return {
    async refused(owner, successor, revision) {
      await redis.hset(keys.successors(owner), successor, revision);
    },
    async takes(owner, successor) {
      const batch = redis.pipeline();
      batch.hset(keys.target(successor), tookField(owner), 1);
      batch.hset(keys.successors(owner), successor, TAKES);
      // An earlier takeover in the other direction is over: the owner is no longer a successor of its successor.
      batch.hdel(keys.successors(successor), owner);
      await exec(batch);
    },
    async takesSome(owner, successor, revision) {
      const batch = redis.pipeline();
      batch.hincrby(keys.target(owner), LOSSES, 1);
      batch.hset(keys.successors(successor), owner, revision);
      await exec(batch);
    },
    async settled(successor, owners) {
      await redis.hdel(keys.target(successor), ...owners.map(tookField));
    },
    async of(owner) {
      const found = await redis.hgetall(keys.successors(owner));
      return Object.entries(found).map(([target, value]) =>
        value === TAKES ? { target } : { target, refusedAt: Number(value) },
      );
    },
  };
}

async function exec(batch: ChainableCommander): Promise<void> {
  for (const [error] of (await batch.exec()) ?? []) if (error) throw error;
}
