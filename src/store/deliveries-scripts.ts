import { clock } from './clock-script.ts';
import { script } from './script.ts';

/**
 * Records deliveries. KEYS: index, waiting repositories, repositories, claims, enqueued. ARGV: batch as JSON,
 * milliseconds and count to keep, prefixes of records, of waiting sets and of pulls, wake-ups known to be enqueued as
 * JSON. Returns JSON: [state, outcome, repeated, claims] for each, with claims -1 if no intake need be enqueued.
 *
 * A repeated id enqueues an intake only if the first delivery has ended: until then the wake-up of the first covers
 * both. Nor does a delivery enqueue one if a wake-up is known to be in Redis and no intake has claimed since: that
 * intake claims this delivery too, before it asks Git. A wake-up counts as known only if its sender confirmed it and no
 * claim came in between; the sweep finds a wake-up that was lost in a crash.
 *
 * All keys that are built here share the hash tag of the declared ones.
 */
export const acceptScript = script(`
${clock}
local now, batch, keep, most = clock(), cjson.decode(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local records, waiting, pulls = ARGV[4], ARGV[5], ARGV[6]
for _, wakeUp in ipairs(cjson.decode(ARGV[7])) do
  local claims = tonumber(redis.call('HGET', KEYS[4], wakeUp.repository) or '0')
  if claims == wakeUp.claims then redis.call('SADD', KEYS[5], wakeUp.repository) end
end
local results = {}
for i, one in ipairs(batch) do
  -- Keeps their order.
  local at = exactly(now + i / 1000)
  local key = records .. one.id
  local old = redis.call('HMGET', key, 'state', 'outcome')
  local state, outcome, repeated = old[1], old[2] or '', old[1] ~= false
  if repeated then
    redis.call('HINCRBY', key, 'repeats', 1)
  else
    state, outcome = one.ignored and 'ignored' or 'waiting', one.ignored or ''
    redis.call('HSET', key, 'state', state, 'outcome', outcome, 'repeats', 0, unpack(one.fields))
    redis.call('PEXPIRE', key, keep)
    redis.call('ZADD', KEYS[1], at, one.id)
  end
  local claims = -1
  if not one.ignored and not (repeated and state == 'waiting') then
    if repeated then
      state, outcome = 'waiting', ''
      redis.call('HSET', key, 'state', state, 'outcome', outcome)
      redis.call('HDEL', key, 'endedAt')
    end
    redis.call('ZADD', waiting .. one.repository, at, one.id)
    redis.call('ZADD', KEYS[2], 'NX', at, one.repository)
    if redis.call('SISMEMBER', KEYS[5], one.repository) == 0 then
      claims = tonumber(redis.call('HGET', KEYS[4], one.repository) or '0')
    end
  end
  if one.known then redis.call('ZADD', KEYS[3], at, one.repository) end
  if one.pull then
    redis.call('HSET', pulls .. one.pull[1], one.pull[2], one.pull[3])
    redis.call('PEXPIRE', pulls .. one.pull[1], keep)
  end
  results[i] = { state, outcome, repeated, claims }
end

local function forget(ids)
  for _, id in ipairs(ids) do
    redis.call('DEL', records .. id)
    redis.call('ZREM', KEYS[1], id)
  end
end
local step = #batch + 100
forget(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', exactly(now - keep), 'LIMIT', 0, step))
local over = math.min(redis.call('ZCARD', KEYS[1]) - most, step)
if over > 0 then forget(redis.call('ZRANGE', KEYS[1], 0, over - 1)) end
-- An empty Lua table would become {}.
if #results == 0 then return '[]' end
return cjson.encode(results)
`);

/**
 * Returns the waiting deliveries of a repository: id, record, and for how many milliseconds each has waited. KEYS: its
 * waiting set, waiting repositories, claims, enqueued. ARGV: repository, prefix of records.
 */
export const claimScript = script(`
${clock}
local now = clock()
redis.call('HINCRBY', KEYS[3], ARGV[1], 1)
redis.call('SREM', KEYS[4], ARGV[1])
local found = {}
local waiting = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #waiting, 2 do
  local id = waiting[i]
  local fields = redis.call('HGETALL', ARGV[2] .. id)
  if #fields == 0 then
    redis.call('ZREM', KEYS[1], id)
  else
    found[#found + 1] = { id, fields, math.max(0, math.floor(now - waiting[i + 1])) }
  end
end
if #found == 0 then redis.call('ZREM', KEYS[2], ARGV[1]) end
return found
`);

/**
 * Records the outcome of deliveries. KEYS: waiting repositories. ARGV: prefixes of records and of waiting sets, state,
 * outcome, targets, ids.
 */
export const endScript = script(`
${clock}
local records, waiting, state, outcome, targets = unpack(ARGV, 1, 5)
local now = roughly(clock())
for i = 6, #ARGV do
  local id = ARGV[i]
  local repository = redis.call('HGET', records .. id, 'repository')
  if repository then
    redis.call('HSET', records .. id, 'state', state, 'outcome', outcome, 'endedAt', now)
    if targets ~= '' then redis.call('HSET', records .. id, 'targets', targets) end
    redis.call('ZREM', waiting .. repository, id)
    local oldest = redis.call('ZRANGE', waiting .. repository, 0, 0, 'WITHSCORES')
    if oldest[2] then
      redis.call('ZADD', KEYS[1], oldest[2], repository)
    else
      redis.call('ZREM', KEYS[1], repository)
    end
  end
end
`);
