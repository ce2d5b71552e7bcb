import { clock } from './clock-script.ts';
import { script } from './script.ts';

/** As many as there are (https://redis.io/docs/latest/commands/zrange/). */
export const ALL = -1;

/** KEYS: a sorted set by time in milliseconds. ARGV: milliseconds, most members. Returns those that wait for that long. */
export const overdueScript = script(`
${clock}
return redis.call('ZRANGE', KEYS[1], '-inf', exactly(clock() - ARGV[1]), 'BYSCORE', 'LIMIT', 0, ARGV[2])
`);

/** KEYS: a sorted set by time in milliseconds. ARGV: members, which wait from now on. */
export const waitScript = script(`
${clock}
local now = exactly(clock())
for _, member in ipairs(ARGV) do redis.call('ZADD', KEYS[1], now, member) end
`);

/** KEYS: a sorted set. ARGV: member, score. Removes the member unless its score has changed. */
export const settleScript = script(`
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if at and tonumber(at) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
return 1
`);
