import { EVENT_VERSION } from '../model/release-event.ts';
import { clock } from './clock-script.ts';
import { appendEvent } from './event-scripts.ts';
import { carriedCommits, writeLine } from './line-scripts.ts';
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

/** Fields returned per target: id, index, the skipped commits with a space between them, the effect. */
export const MOVED_FIELDS = 4;

/** Lua: appends an event that concerns a commit without a release. The shape is that of `model/release-event.ts`. */
const appendDesiredEvent = `
${appendEvent}
local function appendDesiredEvent(stream, at, kind, id, commit, cause, supersededBy)
  local event = { version = ${EVENT_VERSION}, kind = kind, at = tonumber(roughly(at)), target = id, commit = commit,
    cause = cjson.decode(cause or '{"kind":"poll"}'), supersededBy = supersededBy }
  appendEvent(stream, cjson.encode(event))
end
`;

/**
 * Writes what targets should run. A target moves if its content key changes, or if its last release did not end well
 * and this is another commit (or a retry was asked for), or if that release was evaluated by another policy. The same
 * step writes its line of the commit report, the last lines of the commits that it supersedes, and the events of both:
 * no crash leaves a commit without them.
 *
 * A commit whose content is desired already becomes the desired one, since a force push may drop the older commit. It
 * adds no revision. If no release has ended for the revision, the commit follows its release: `carried` lists all
 * commits whose reports that release writes to.
 *
 * An intake that stalled and comes back with an old head finds a higher mark and changes nothing.
 *
 * KEYS: the repository's hash, listed targets, unsent reports, unwell targets, events, then a hash per target.
 * ARGV: 1 sequence, 2 channel, 3 and 4 what precedes the commit in a report's key and in its member of unsent, 5 seconds
 * to keep, 6 how many have moved so far by branch as JSON, 7 the whole write that what is left out was compared with
 * (empty: nothing is left out), 8 `1` if this call makes the write whole; then ten per target: id, target as JSON, commit,
 * content key, cause, `1` to retry, environment, branch, the head before, policy key.
 *
 * Returns -1 if a later intake has written, -2 if another write followed the one compared with, else the effect on each
 * target that is not settled.
 */
export const setDesiredScript = script(`
local mark = tonumber(redis.call('HGET', KEYS[1], 'mark') or '0')
if tonumber(ARGV[1]) < mark then return -1 end
if ARGV[7] ~= '' and ARGV[7] ~= redis.call('HGET', KEYS[1], 'whole') then return -2 end
redis.call('HSET', KEYS[1], 'mark', ARGV[1])
if ARGV[8] == '1' then redis.call('HSET', KEYS[1], 'whole', ARGV[1]) end
local open = { queued = 1, rendering = 1, checking = 1, applying = 1, verifying = 1, blocked = 1 }
${clock}
${appendDesiredEvent}
${targetLists}
${carriedCommits}
${writeLine}
local now = clock()
local at = { report = ARGV[3], member = ARGV[4], unsent = KEYS[3], score = exactly(now), keep = ARGV[5] }

local function isOpen(line)
  return line and open[cjson.decode(line)['state']] ~= nil
end

local function lineOf(commit)
  return redis.call('HGET', at.report .. commit .. ':' .. at.scope, at.target)
end

-- A release that was recorded says itself that it is superseded, when it ends.
local function appendSuperseded(key, revision, skipped, commit)
  local last, cause = unpack(redis.call('HMGET', key, 'last', 'cause'))
  local release = last and cjson.decode(last)
  if release and release.revision == revision and open[release.state] then return end
  appendDesiredEvent(KEYS[5], now, 'superseded', at.target, skipped, cause, commit)
end

-- Returns the superseded commits.
local function supersede(key, revision, carried, commit)
  local skipped = {}
  local line = cjson.encode({ target = at.target, state = 'superseded', supersededBy = commit })
  for _, old in ipairs(carried) do
    if old ~= commit then
      if #skipped == 0 then appendSuperseded(key, revision, old, commit) end
      skipped[#skipped + 1] = old
      local was = lineOf(old)
      if not was or isOpen(was) then writeLine(at, old, line, false) end
    end
  end
  return table.concat(skipped, ' ')
end

-- The release of the content writes to this commit's report from now on.
local function follow(before, commit)
  local was = lineOf(before)
  writeLine(at, commit, isOpen(was) and was or cjson.encode({ target = at.target, state = 'queued' }), true)
end

local effects, counts = {}, cjson.decode(ARGV[6])
local function addEffect(id, index, skipped, effect)
  for _, value in ipairs({ id, index, skipped, effect }) do effects[#effects + 1] = tostring(value) end
end

for i = 6, #KEYS do
  local id, json, commit, key, cause, retry, scope, branch, since, policy = unpack(ARGV, (i - 6) * 10 + 9, (i - 6) * 10 + 18)
  local old = redis.call('HMGET', KEYS[i], 'revision', 'key', 'handled', 'well', 'commit', 'index', 'policy', 'target',
    'carried')
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
  at.target, at.scope = id, scope
  local carried = waiting and carriedCommits(old[9], old[5]) or {}
  if revision == 0 or old[2] ~= key or failed or reevaluated then
    local index = counts[branch] or 0
    counts[branch] = index + 1
    local skipped = supersede(KEYS[i], revision, carried, commit)
    redis.call('HSET', KEYS[i], 'revision', revision + 1, 'key', key, 'commit', commit, 'cause', cause,
      'index', index, 'sequence', ARGV[1], 'at', roughly(now), 'policy', policy, 'carried', cjson.encode({ commit }))
    if revision == 0 or old[4] == '1' then redis.call('HSET', KEYS[i], 'since', since) end
    listState(KEYS[2], KEYS[i], id, 'queued')
    redis.call('SADD', KEYS[4], id)
    redis.call('PUBLISH', ARGV[2], id)
    writeLine(at, commit, cjson.encode({ target = id, state = 'queued' }), true)
    appendDesiredEvent(KEYS[5], now, 'queued', id, commit, cause)
    addEffect(id, index, skipped, 'moved')
  elseif old[5] ~= commit then
    if not contains(carried, commit) then carried[#carried + 1] = commit end
    redis.call('HSET', KEYS[i], 'commit', commit, 'carried', cjson.encode(carried))
    if waiting then
      follow(old[5], commit)
      addEffect(id, old[6] or 0, '', 'followed')
    end
  elseif waiting then
    addEffect(id, old[6] or 0, '', 'again')
  end
end
return effects
`);

/**
 * Lua: `repeatDesired(key, now)` adds a revision of the same commit. The commits that follow the one before follow the
 * new one. Returns the new revision; nil: nothing is desired.
 */
const repeatDesired = `
${carriedCommits}
local function repeatDesired(key, now)
  local revision, handled, commit, carried = unpack(redis.call('HMGET', key, 'revision', 'handled', 'commit', 'carried'))
  if not revision then return nil end
  local waiting = tonumber(revision) > tonumber(handled or '0')
  local commits = waiting and carriedCommits(carried, commit) or { commit }
  redis.call('HSET', key, 'revision', tonumber(revision) + 1, 'carried', cjson.encode(commits), 'at', roughly(now),
    'index', 0, 'well', '0')
  return tonumber(revision) + 1
end
`;

/**
 * Desires what is desired once more, with the cause it had. KEYS: the target's hash, listed targets, unwell targets,
 * events. ARGV: channel, target. Returns 0 if the target is not known, or is no more.
 */
export const againDesiredScript = script(`
if not redis.call('ZSCORE', KEYS[2], ARGV[2]) then return 0 end
${clock}
${repeatDesired}
${appendDesiredEvent}
${targetLists}
local now = clock()
if not repeatDesired(KEYS[1], now) then return 0 end
listState(KEYS[2], KEYS[1], ARGV[2], 'queued')
local commit, cause = unpack(redis.call('HMGET', KEYS[1], 'commit', 'cause'))
redis.call('SADD', KEYS[3], ARGV[2])
redis.call('PUBLISH', ARGV[1], ARGV[2])
appendDesiredEvent(KEYS[4], now, 'queued', ARGV[2], commit, cause)
return 1
`);

/**
 * Desires what is desired once more, for a new cause. KEYS: the target's hash, unwell targets, events, listed
 * targets. ARGV: cause, channel, target. Returns the new revision; 0 if nothing is desired yet.
 */
export const repeatDesiredScript = script(`
${clock}
${repeatDesired}
${appendDesiredEvent}
${targetLists}
local now = clock()
local revision = repeatDesired(KEYS[1], now)
if not revision then return 0 end
listState(KEYS[4], KEYS[1], ARGV[3], 'queued')
redis.call('HSET', KEYS[1], 'cause', ARGV[1])
redis.call('SADD', KEYS[2], ARGV[3])
redis.call('PUBLISH', ARGV[2], ARGV[3])
appendDesiredEvent(KEYS[3], now, 'queued', ARGV[3], redis.call('HGET', KEYS[1], 'commit'), ARGV[1])
return revision
`);
