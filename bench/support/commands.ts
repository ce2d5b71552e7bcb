import type { Redis } from 'ioredis';

/** Calls by command, as `INFO commandstats` counts them, including those within scripts. */
async function callsOf(redis: Redis): Promise<Map<string, number>> {
  const text = await redis.info('commandstats');
  const lines = [...text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  return new Map(lines.map(([, command = '', calls]) => [command, Number(calls)]));
}

/** Starts counting; the returned function resolves to the number of commands since then. */
export async function redisCommands(redis: Redis): Promise<() => Promise<number>> {
  const before = await callsOf(redis);
  return async () => {
    const after = await callsOf(redis);
    const sum = (all: Map<string, number>) => [...all.values()].reduce((total, calls) => total + calls, 0);
    return sum(after) - sum(before);
  };
}
