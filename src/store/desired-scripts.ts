import { EVENT_VERSION } from '../model/release-event.ts';
import { appendEvent } from './event-scripts.ts';
import { script } from './script.ts';
import { targetLists } from './target-list-scripts.ts';

/**
 * KEYS: the repository's hash. Returns the next sequence number as text. Numbers follow Redis's clock so that they keep
 * rising after Redis was emptied: else an intake from before would hold a higher number than all that follow.
 */
export const nextSequenceScript = script(`
local time = redis.call('TIME')
local last = tonumber(redis.call('HGET', KEYS[1], 'sequence') or '0')
local number = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
redis.call('HSET', KEYS[1], 'sequence', number)
return number
`);

/** Fields returned per moved target: id, index, the skipped commit or nothing, `1` if it had moved already. */
export const MOVED_FIELDS = 4;

/** Lua: appends an event that concerns a commit without a release. The shape is that of `model/release-event.ts`. */
const appendDesiredEvent = `
${appendEvent}
local function appendDesiredEvent(stream, at, kind, id, commit, cause, supersededBy)
  local event = { version = ${EVENT_VERSION}, kind = kind, at = tonumber(at), target = id, commit = commit,
    cause = cjson.decode(cause or '{"kind":"poll"}'), supersededBy = supersededBy }
  appendEvent(stream, cjson.encode(event))
end
`;

/**
 * Writes what targets should run. A target moves if its content key changes, or if its last release did not end well
 * and this is another commit (or a retry was asked for), or if that release was evaluated by another policy. The same
 * step writes its line of the commit report, the last line of the commit that it supersedes, and the events of both: no
 * crash leaves a commit without them.
 *
 * An intake that stalled and comes back with an old head finds a higher mark and changes nothing.
 *
 * KEYS: the repository's hash, listed targets, unsent reports, unwell targets, events, then a hash per target.
 * ARGV: 1 sequence, 2 now, 3 channel, 4 and 5 what precedes the commit in a report's key and in its member of unsent,
 * 6 seconds to keep, 7 a score for unsent, 8 how many have moved so far by branch as JSON, 9 the whole write that what
 * is left out was compared with (empty: nothing is left out), 10 `1` if this call makes the write whole; then ten per
 * target: id, target as JSON, commit, content key, cause, `1` to retry, environment, branch, the head before,
 * policy key.
 *
 * Returns -1 if a later intake has written, -2 if another write followed the one compared with, else what moved.
 */
export const setDesiredScript = script(`
local mark = tonumber(redis.call('HGET', KEYS[1], 'mark') or '0')
if tonumber(ARGV[1]) < mark then return -1 end
if ARGV[9] ~= '' and ARGV[9] ~= redis.call('HGET', KEYS[1], 'whole') then return -2 end
redis.call('HSET', KEYS[1], 'mark', ARGV[1])
if ARGV[10] == '1' then redis.call('HSET', KEYS[1], 'whole', ARGV[1]) end
local open = { queued = 1, rendering = 1, checking = 1, applying = 1, verifying = 1, blocked = 1 }
${appendDesiredEvent}
${targetLists}

local function report(commit, scope, id, line)
  local key = ARGV[4] .. commit .. ':' .. scope
  local old = redis.call('HGET', key, id)
  if line.state == 'superseded' and old and not open[cjson.decode(old)['state']] then return end
  redis.call('HSET', key, id, cjson.encode(line))
  redis.call('EXPIRE', key, ARGV[6])
  if line.state == 'superseded' then
    redis.call('SREM', key .. ':open', id)
  elseif redis.call('SADD', key .. ':open', id) == 1 then
    redis.call('EXPIRE', key .. ':open', ARGV[6])
  end
  redis.call('ZADD', KEYS[3], ARGV[7], ARGV[5] .. commit .. '","' .. scope .. '"]')
end

-- A release that was recorded says itself that it is superseded, when it ends.
local function appendSuperseded(key, id, revision, skipped, commit)
  local last, cause = unpack(redis.call('HMGET', key, 'last', 'cause'))
  local release = last and cjson.decode(last)
  if release and release.revision == revision and open[release.state] then return end
  appendDesiredEvent(KEYS[5], ARGV[2], 'superseded', id, skipped, cause, commit)
end

local moved, counts = {}, cjson.decode(ARGV[8])
local function addMoved(id, index, skipped, again)
  for _, value in ipairs({ id, index, skipped, again }) do moved[#moved + 1] = tostring(value) end
end

for i = 6, #KEYS do
  local id, json, commit, key, cause, retry, scope, branch, since, policy = unpack(ARGV, (i - 6) * 10 + 11, (i - 6) * 10 + 20)
  local old = redis.call('HMGET', KEYS[i], 'revision', 'key', 'handled', 'well', 'commit', 'index', 'policy', 'target')
  local revision = tonumber(old[1] or '0')
  local waiting = revision > tonumber(old[3] or '0')
  local failed = not waiting and old[4] ~= '1' and (old[5] ~= commit or retry == '1')
  -- A release that has yet to run will evaluate by the current policy anyway.
  local reevaluated = not waiting and (old[7] or '') ~= policy
  local isListed = redis.call('ZSCORE', KEYS[2], id)
  if not isListed or old[8] ~= json then
    redis.call('HSET', KEYS[i], 'target', json)
    if list(KEYS[2], KEYS[i], id, cjson.decode(json).cluster) then redis.call('PERSIST', KEYS[i]) end
  end
  if revision == 0 or old[2] ~= key or failed or reevaluated then
    local index = counts[branch] or 0
    counts[branch] = index + 1
    local skipped = (waiting and old[5] ~= commit) and old[5] or ''
    if skipped ~= '' then appendSuperseded(KEYS[i], id, revision, skipped, commit) end
    redis.call('HSET', KEYS[i], 'revision', revision + 1, 'key', key, 'commit', commit, 'cause', cause,
      'index', index, 'sequence', ARGV[1], 'at', ARGV[2], 'policy', policy)
    if revision == 0 or old[4] == '1' then redis.call('HSET', KEYS[i], 'since', since) end
    listState(KEYS[2], KEYS[i], id, 'queued')
    redis.call('SADD', KEYS[4], id)
    redis.call('PUBLISH', ARGV[3], id)
    report(commit, scope, id, { target = id, state = 'queued' })
    if skipped ~= '' then report(skipped, scope, id, { target = id, state = 'superseded', supersededBy = commit }) end
    appendDesiredEvent(KEYS[5], ARGV[2], 'queued', id, commit, cause)
    addMoved(id, index, skipped, 0)
  elseif waiting and old[5] == commit then
    addMoved(id, old[6] or 0, '', 1)
  end
end
return moved
`);

/**
 * Desires what is desired once more, with the cause it had. KEYS: the target's hash, listed targets, unwell targets,
 * events. ARGV: now, channel, target. Returns 0 if the target is not known, or is no more.
 */
export const againDesiredScript = script(`
if not redis.call('ZSCORE', KEYS[2], ARGV[3]) then return 0 end
local revision, commit, cause = unpack(redis.call('HMGET', KEYS[1], 'revision', 'commit', 'cause'))
if not revision then return 0 end
${appendDesiredEvent}
${targetLists}
listState(KEYS[2], KEYS[1], ARGV[3], 'queued')
redis.call('HSET', KEYS[1], 'revision', tonumber(revision) + 1, 'at', ARGV[1], 'index', 0, 'well', '0')
redis.call('SADD', KEYS[3], ARGV[3])
redis.call('PUBLISH', ARGV[2], ARGV[3])
appendDesiredEvent(KEYS[4], ARGV[1], 'queued', ARGV[3], commit, cause)
return 1
`);

/**
 * Desires what is desired once more, for a new cause. KEYS: the target's hash, unwell targets, events, listed
 * targets. ARGV: cause, now, channel, target. Returns the new revision; 0 if nothing is desired yet.
 */
export const repeatDesiredScript = script(`
local revision, commit = unpack(redis.call('HMGET', KEYS[1], 'revision', 'commit'))
if not revision then return 0 end
${appendDesiredEvent}
${targetLists}
listState(KEYS[4], KEYS[1], ARGV[4], 'queued')
redis.call('HSET', KEYS[1], 'revision', tonumber(revision) + 1, 'cause', ARGV[1], 'at', ARGV[2], 'index', 0, 'well', '0')
redis.call('SADD', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[3], ARGV[4])
appendDesiredEvent(KEYS[3], ARGV[2], 'queued', ARGV[4], commit, ARGV[1])
return tonumber(revision) + 1
`);
