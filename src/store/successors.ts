import type { Cluster, Redis } from 'ioredis';
import type { SuccessorRun, SuccessorStore } from '../ports/successors.ts';
import { leaseLost } from './lease-lost.ts';
import { runScript } from './script.ts';
import { LOSSES, type StateKeys, tookField } from './state-keys.ts';
import { refusedScript, settledScript, TAKES, takesScript, takesSomeScript } from './successors-scripts.ts';

export function createSuccessorStore(redis: Redis | Cluster, keys: StateKeys): SuccessorStore {
  async function write(
    script: Parameters<typeof runScript>[1],
    { target, fencingToken }: SuccessorRun,
    touched: string[],
    args: (string | number)[],
  ): Promise<void> {
    const fenced = [keys.lease(target), ...touched];
    if ((await runScript(redis, script, fenced, [fencingToken, ...args])) !== 1) throw leaseLost(target);
  }

  return {
    async refused(owner, successor, revision) {
      const touched = [keys.successors(owner)];
      await write(refusedScript, successor, touched, [successor.target, revision]);
    },
    async takes(owner, successor) {
      const { target } = successor;
      const touched = [keys.target(target), keys.successors(owner), keys.successors(target)];
      await write(takesScript, successor, touched, [tookField(owner), target, owner]);
    },
    async takesSome(owner, successor, revision) {
      const touched = [keys.target(owner), keys.successors(successor.target)];
      await write(takesSomeScript, successor, touched, [LOSSES, owner, revision]);
    },
    async settled(successor, owners) {
      await write(settledScript, successor, [keys.target(successor.target)], owners.map(tookField));
    },
    async of(owner) {
      const found = await redis.hgetall(keys.successors(owner));
      return Object.entries(found).map(([target, value]) =>
        value === TAKES ? { target } : { target, refusedAt: Number(value) },
      );
    },
  };
}
