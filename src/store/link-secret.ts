import { randomBytes } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { reached } from './reach.ts';
import { runScript, script } from './script.ts';
import type { StateKeys } from './state-keys.ts';

/** Milliseconds after which a process compares the secret that it knows with that in Redis. */
const COMPARE_MS = 30_000;

/** KEYS: the secret. ARGV: what it becomes if there is none. Returns what it is then. */
const keepScript = script(`
redis.call('SETNX', KEYS[1], ARGV[1])
return redis.call('GET', KEYS[1])
`);

/**
 * A random secret that all processes share. If Redis was emptied, the first process that asks again writes the one that
 * it knows, so that addresses signed with it stay valid. The function throws REDIS_UNREACHABLE if Redis is needed.
 */
export function createLinkSecret(redis: Redis | Cluster, keys: StateKeys): () => Promise<string> {
  let known: { secret: string; comparedAt: number } | undefined;
  return async () => {
    if (known && performance.now() - known.comparedAt < COMPARE_MS) return known.secret;
    const offered = known?.secret ?? randomBytes(32).toString('base64url');
    const secret = String(await reached(runScript(redis, keepScript, [keys.linkSecret], [offered])));
    known = { secret, comparedAt: performance.now() };
    return secret;
  };
}
