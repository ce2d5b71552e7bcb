import { script } from './script.ts';

/** The value of a successor that takes all objects over; of any other one it is the revision that was refused. */
export const TAKES = 'takes';

/** Lua: KEYS[1] is the lease of the successor, ARGV[1] the fencing token of its run. Returns 0 if the lease is lost. */
const fence = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end`;

/** KEYS: 2 the owner's successors. ARGV: 2 successor, 3 its revision. */
export const refusedScript = script(`
${fence}
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
`);

/**
 * An earlier takeover in the other direction is over: the owner is no longer a successor of its successor. KEYS: 2 the
 * successor's hash, 3 the owner's successors, 4 the successor's. ARGV: 2 field of the successor's hash, 3 successor, 4 owner.
 */
export const takesScript = script(`
${fence}
redis.call('HSET', KEYS[2], ARGV[2], 1)
redis.call('HSET', KEYS[3], ARGV[3], '${TAKES}')
redis.call('HDEL', KEYS[4], ARGV[4])
return 1
`);

/** KEYS: 2 the owner's hash, 3 the successor's successors. ARGV: 2 field of the owner's hash, 3 owner, 4 its revision. */
export const takesSomeScript = script(`
${fence}
redis.call('HINCRBY', KEYS[2], ARGV[2], 1)
redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
return 1
`);

/** KEYS: 2 the successor's hash. ARGV: fields of it from 2 on. */
export const settledScript = script(`
${fence}
redis.call('HDEL', KEYS[2], unpack(ARGV, 2))
return 1
`);
