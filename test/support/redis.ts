import { Redis } from 'ioredis';
import { sandbox } from './sandbox.ts';

/** A connection to the sandbox's Redis as workers have it; the test disconnects it. */
export function testRedis(): Redis {
  return new Redis(sandbox().redisUrl, { maxRetriesPerRequest: null });
}
