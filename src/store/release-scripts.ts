import { script } from './script.ts';

/** KEYS: fence, the target's hash. ARGV: run id, the highest number that the cluster knows. 0: the turn is lost. */
export const nextNumberScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local number = math.max(tonumber(redis.call('HGET', KEYS[2], 'number') or '0'), tonumber(ARGV[2])) + 1
redis.call('HSET', KEYS[2], 'number', number, 'well', '0')
return number
`);

/**
 * KEYS: fence, answer, unsent answers, open lines of the answer. ARGV: run id, target, its line as JSON, seconds to keep, a score
 * for unsent and its member. 0: the turn is lost.
 */
export const writeLineScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[6])
if redis.call('SADD', KEYS[4], ARGV[2]) == 1 then redis.call('EXPIRE', KEYS[4], ARGV[4]) end
return 1
`);

/**
 * The release, its line of the answer and the target's state move together, and only for the run that has the turn.
 * A target of which nothing is left goes from the list of targets; its history stays as long as that of all.
 * Answers 2 where what the forge hears of the whole answer is another thing now, 1 where it is the same as before:
 * of many targets it hears that they are on their way, each failure, and the end of the last one.
 */
export const writeReleaseScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'last', ARGV[2])
redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3])
if redis.call('LINDEX', KEYS[4], 0) ~= ARGV[4] then
  redis.call('LPUSH', KEYS[4], ARGV[4])
  redis.call('LTRIM', KEYS[4], 0, ARGV[5] - 1)
  redis.call('EXPIRE', KEYS[4], ARGV[3])
end
redis.call('HSET', KEYS[5], ARGV[6], ARGV[7])
redis.call('EXPIRE', KEYS[5], ARGV[3])
redis.call('ZADD', KEYS[6], ARGV[8], ARGV[9])
if ARGV[15] == 'failed' or ARGV[15] == 'over' then
  redis.call('SREM', KEYS[12], ARGV[6])
elseif redis.call('SADD', KEYS[12], ARGV[6]) == 1 then
  redis.call('EXPIRE', KEYS[12], ARGV[3])
end
if ARGV[14] ~= '' then redis.call('SET', KEYS[9], ARGV[14], 'EX', ARGV[3]) end
if ARGV[10] ~= '' then
  redis.call('HSET', KEYS[2], 'handled', ARGV[10], 'well', ARGV[11])
  if ARGV[12] ~= '' then redis.call('HSET', KEYS[2], 'inForce', ARGV[12]) end
  local newest = redis.call('HGET', KEYS[2], 'revision') == ARGV[10]
  if newest and (ARGV[11] == '1' or ARGV[13] == '1') then redis.call('SREM', KEYS[10], ARGV[6]) end
  if newest and ARGV[13] == '1' then
    redis.call('SREM', KEYS[7], ARGV[6])
    redis.call('EXPIRE', KEYS[2], ARGV[3])
    redis.call('DEL', KEYS[8], KEYS[9])
    redis.call('ZADD', KEYS[11], ARGV[8], ARGV[6])
    redis.call('ZREMRANGEBYSCORE', KEYS[11], '-inf', ARGV[8] - ARGV[3] * 1000)
  end
end
if ARGV[15] == 'step' then return 1 end
if ARGV[15] == 'failed' or redis.call('HLEN', KEYS[5]) <= tonumber(ARGV[16]) then return 2 end
return redis.call('SCARD', KEYS[12]) == 0 and 2 or 1
`);
