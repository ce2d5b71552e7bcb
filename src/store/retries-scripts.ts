import { clock } from './clock-script.ts';
import { script } from './script.ts';

/** Milliseconds between two attempts of a release that has failed with what may pass. */
export const RETRY_MS = 120_000;

/**
 * Lua: targets whose release failed with what may pass wait behind an obstacle: their cluster, or their forge. `retries`
 * is the key of a hash: obstacle → `1` if one of the targets has passed it, so that the others are worth an attempt
 * too. The key of each obstacle's targets, by when they are due (`clock()`), begins with it. Needs `clock`.
 */
export const retries = `
local function passObstacle(retries, hash)
  local obstacle = redis.call('HGET', hash, 'behind')
  if obstacle and redis.call('HEXISTS', retries, obstacle) == 1 then redis.call('HSET', retries, obstacle, '1') end
end

-- The release has ended in \`state\`; \`obstacle\` is empty if it need not be attempted again.
local function waitBehind(retries, hash, id, obstacle, state)
  local before = redis.call('HGET', hash, 'behind')
  if obstacle == 'cluster' then obstacle = 'cluster:' .. (redis.call('HGET', hash, 'cluster') or '') end
  if before and before ~= obstacle then
    if state ~= 'superseded' then passObstacle(retries, hash) end
    redis.call('ZREM', retries .. ':' .. before, id)
    redis.call('HDEL', hash, 'behind')
  end
  if obstacle == '' then return end
  redis.call('ZADD', retries .. ':' .. obstacle, exactly(clock() + ${RETRY_MS}), id)
  redis.call('HSETNX', retries, obstacle, '0')
  redis.call('HSET', hash, 'behind', obstacle)
end
`;

/**
 * Takes targets that are due: behind an obstacle that nobody has passed only a few, which find out whether it is gone.
 * Each is due again later, unless its release ends otherwise. KEYS: obstacles. ARGV: what precedes the id in a target's
 * key, how many to take behind one that still stands, and behind one that is passed. Returns id, cluster and index of
 * each.
 */
export const takeRetriesScript = script(`
${clock}
${retries}
local now = clock()
local taken = {}

local function take(list, obstacle, id)
  local behind, cluster, index = unpack(redis.call('HMGET', ARGV[1] .. id, 'behind', 'cluster', 'index'))
  if behind ~= obstacle then
    redis.call('ZREM', list, id)
    return
  end
  redis.call('ZADD', list, exactly(now + ${RETRY_MS}), id)
  for _, value in ipairs({ id, cluster or '', index or '0' }) do taken[#taken + 1] = value end
end

for _, obstacle in ipairs(redis.call('HKEYS', KEYS[1])) do
  local list = KEYS[1] .. ':' .. obstacle
  local most = tonumber(redis.call('HGET', KEYS[1], obstacle) == '1' and ARGV[3] or ARGV[2])
  local ids = redis.call('ZRANGE', list, '-inf', exactly(now), 'BYSCORE', 'LIMIT', 0, most)
  for _, id in ipairs(ids) do take(list, obstacle, id) end
  if redis.call('ZCARD', list) == 0 then
    redis.call('HDEL', KEYS[1], obstacle)
  elseif #ids < most then
    redis.call('HSET', KEYS[1], obstacle, '0')
  end
end
return taken
`);
