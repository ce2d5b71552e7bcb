import { script } from './script.ts';

/**
 * KEYS: the request. ARGV: the request as JSON, milliseconds to keep it. The time is that of Redis, which all processes
 * share, with its microseconds: a request and a run that begin in one millisecond are told apart.
 */
export const createRequestScript = script(`
local time = redis.call('TIME')
local now = string.format('%d.%03d', time[1] * 1000 + math.floor(time[2] / 1000), time[2] % 1000)
redis.call('HSET', KEYS[1], 'request', ARGV[1], 'requestedAt', now, 'state', 'queued')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return now
`);

/** KEYS: the request. ARGV: milliseconds to keep it, if it has not ended. All of its fields; empty: it is gone. */
export const readRequestScript = script(`
if redis.call('HEXISTS', KEYS[1], 'outcome') == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return redis.call('HGETALL', KEYS[1])
`);

/** KEYS: the request. ARGV: state. 0: the request is gone, and nothing was written. */
export const progressScript = script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[1])
return 1
`);

/** KEYS: the request. ARGV: state, outcome as JSON, milliseconds to keep it. 0: the request is gone. */
export const endRequestScript = script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'outcome', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`);

/**
 * KEYS: the run, its claim. ARGV: the earliest begin that counts, a token, milliseconds that the claim lasts. Resolves
 * to the outcome of a run that began late enough, else to 1: claimed, or 0: another one has the claim.
 */
export const claimRunScript = script(`
local startedAt = redis.call('HGET', KEYS[1], 'startedAt')
if startedAt and tonumber(startedAt) >= tonumber(ARGV[1]) then return redis.call('HGET', KEYS[1], 'outcome') end
if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return 1 end
return 0
`);

/** KEYS: the claim. ARGV: token, milliseconds that it lasts. */
export const renewClaimScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
`);

/** KEYS: the run, its claim. ARGV: token, milliseconds to keep the run; then, if it has ended, its begin and outcome. */
export const releaseRunScript = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
if ARGV[3] then
  redis.call('HSET', KEYS[1], 'startedAt', ARGV[3], 'outcome', ARGV[4])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
`);
