import { script } from './script.ts';

/**
 * KEYS: the repository's hash. Answers the next sequence number as text. Numbers follow Redis's clock, so that they
 * go on rising also after Redis was emptied: else an intake from before would hold a higher one than all that follow.
 */
export const nextSequenceScript = script(`
local time = redis.call('TIME')
local last = tonumber(redis.call('HGET', KEYS[1], 'sequence') or '0')
local number = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
redis.call('HSET', KEYS[1], 'sequence', number)
return number
`);

/** What each moved target answers: id, index, the skipped commit or nothing, `1` where it had moved already. */
export const MOVED_FIELDS = 4;

/**
 * KEYS: the repository's hash, the set of targets, unsent answers, the targets that are not well, then a hash a target.
 * ARGV: sequence, now, channel, what stands before the commit in an answer's key and in its member of unsent,
 * seconds to keep, a score for unsent, how many have moved so far by branch as JSON, the whole write that what is left
 * out was compared with (empty: nothing is left out), `1` where this call makes the write whole; then nine a target: id,
 * target as JSON, commit, content key, cause, `1` to retry, environment, branch, the head before. Answers -1 where a later intake has
 * written, -2 where another write came after that one.
 *
 * Design, section 2, point 2: an intake that stalled and comes back with an old head finds a higher mark and
 * changes nothing. A target moves when its content key does, or when its last release did not end well and this is
 * another commit (or a retry was asked for). Its line of the answer, and the last word on the commit that it takes
 * the place of, are written in the same step: no crash leaves a commit without them.
 */
export const setDesiredScript = script(`
local mark = tonumber(redis.call('HGET', KEYS[1], 'mark') or '0')
if tonumber(ARGV[1]) < mark then return -1 end
if ARGV[9] ~= '' and ARGV[9] ~= redis.call('HGET', KEYS[1], 'whole') then return -2 end
redis.call('HSET', KEYS[1], 'mark', ARGV[1])
if ARGV[10] == '1' then redis.call('HSET', KEYS[1], 'whole', ARGV[1]) end
local open = { queued = 1, rendering = 1, checking = 1, applying = 1, verifying = 1, blocked = 1 }

local function say(commit, scope, id, line)
  local answer = ARGV[4] .. commit .. ':' .. scope
  local old = redis.call('HGET', answer, id)
  if line.state == 'superseded' and old and not open[cjson.decode(old)['state']] then return end
  redis.call('HSET', answer, id, cjson.encode(line))
  redis.call('EXPIRE', answer, ARGV[6])
  if line.state == 'superseded' then
    redis.call('SREM', answer .. ':open', id)
  elseif redis.call('SADD', answer .. ':open', id) == 1 then
    redis.call('EXPIRE', answer .. ':open', ARGV[6])
  end
  redis.call('ZADD', KEYS[3], ARGV[7], ARGV[5] .. commit .. '","' .. scope .. '"]')
end

local moved, counts = {}, cjson.decode(ARGV[8])
local function tell(id, index, skipped, again)
  for _, value in ipairs({ id, index, skipped, again }) do moved[#moved + 1] = tostring(value) end
end

for i = 5, #KEYS do
  local id, json, commit, key, cause, retry, scope, branch, since = unpack(ARGV, (i - 5) * 9 + 11, (i - 5) * 9 + 19)
  local old = redis.call('HMGET', KEYS[i], 'revision', 'key', 'handled', 'well', 'commit', 'index')
  local revision = tonumber(old[1] or '0')
  local waiting = revision > tonumber(old[3] or '0')
  local failed = not waiting and old[4] ~= '1' and (old[5] ~= commit or retry == '1')
  redis.call('HSET', KEYS[i], 'target', json)
  if redis.call('SADD', KEYS[2], id) == 1 then redis.call('PERSIST', KEYS[i]) end
  if revision == 0 or old[2] ~= key or failed then
    local index = counts[branch] or 0
    counts[branch] = index + 1
    redis.call('HSET', KEYS[i], 'revision', revision + 1, 'key', key, 'commit', commit, 'cause', cause,
      'index', index, 'sequence', ARGV[1], 'at', ARGV[2])
    if revision == 0 or old[4] == '1' then redis.call('HSET', KEYS[i], 'since', since) end
    redis.call('SADD', KEYS[4], id)
    redis.call('PUBLISH', ARGV[3], id)
    say(commit, scope, id, { target = id, state = 'queued' })
    local skipped = (waiting and old[5] ~= commit) and old[5] or ''
    if skipped ~= '' then say(skipped, scope, id, { target = id, state = 'superseded', supersededBy = commit }) end
    tell(id, index, skipped, 0)
  elseif waiting and old[5] == commit then
    tell(id, old[6] or 0, '', 1)
  end
end
return moved
`);

/** KEYS: the target's hash, the set of targets, those that are not well. ARGV: now, channel, target. */
export const againDesiredScript = script(`
if redis.call('SISMEMBER', KEYS[2], ARGV[3]) == 0 then return 0 end
if redis.call('HEXISTS', KEYS[1], 'revision') == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'revision', 1)
redis.call('HSET', KEYS[1], 'at', ARGV[1], 'index', 0, 'well', '0')
redis.call('SADD', KEYS[3], ARGV[3])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`);

/** KEYS: the target's hash, those that are not well. ARGV: cause, now, channel, target. */
export const repeatDesiredScript = script(`
local revision = redis.call('HGET', KEYS[1], 'revision')
if not revision then return 0 end
redis.call('HSET', KEYS[1], 'revision', tonumber(revision) + 1, 'cause', ARGV[1], 'at', ARGV[2], 'index', 0, 'well', '0')
redis.call('SADD', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
`);
