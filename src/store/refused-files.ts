import type { Cluster, Redis } from 'ioredis';
import type { Failure } from '../model/failure.ts';
import type { RefusedFiles } from '../ports/refused-files.ts';
import type { StateKeys } from './state-keys.ts';

const KEEP_S = 30 * 24 * 3600;

export function createRefusedFiles(redis: Redis | Cluster, keys: StateKeys): RefusedFiles {
  return {
    async read(key) {
      const text = await redis.get(keys.refusedFile(key));
      const failure: Failure | undefined = text === null ? undefined : JSON.parse(text);
      return failure;
    },
    async write(key, failure) {
      await redis.set(keys.refusedFile(key), JSON.stringify(failure), 'EX', KEEP_S);
    },
  };
}
