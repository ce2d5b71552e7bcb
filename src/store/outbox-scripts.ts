import { clock } from './clock-script.ts';
import { script } from './script.ts';

/**
 * Lua: creates the channel's consumer group if there is none, and stores how many events precede its beginning.
 * `entries-added` counts all events ever written, so that the number of those trimmed unread is exact
 * (https://redis.io/docs/latest/commands/xinfo-stream/).
 */
const subscribe = `
local function counts()
  local fields, found = redis.call('XINFO', 'STREAM', KEYS[2]), {}
  for i = 1, #fields, 2 do found[fields[i]] = fields[i + 1] end
  return found['entries-added'], found['length']
end
local function subscribe(group, from)
  if redis.pcall('XGROUP', 'CREATE', KEYS[2], group, from, 'MKSTREAM').err then return end
  local added, length = counts()
  redis.call('HSET', KEYS[1], 'seen', from == '$' and added or added - length)
end
`;

/** KEYS: the channel's hash, events. ARGV: group. */
export const subscribeScript = script(`
${subscribe}
subscribe(ARGV[1], '$')
`);

/** KEYS: the channel's hash. ARGV: token, milliseconds. Returns 0 if another process holds the channel's lease. */
export const holdScript = script(`
${clock}
local now = clock()
local holder, held = unpack(redis.call('HMGET', KEYS[1], 'holder', 'until'))
if holder and holder ~= ARGV[1] and tonumber(held) > now then return 0 end
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'until', roughly(now + ARGV[2]))
return 1
`);

/** KEYS: the channel's hash. ARGV: token. */
export const releaseHoldScript = script(`
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then redis.call('HDEL', KEYS[1], 'holder', 'until') end
`);

/**
 * Hands out events to the holder of the channel's lease. The consumer has the same name in every process, since one
 * alone may read: what a killed process left is its own to read again.
 *
 * KEYS: the channel's hash, events. ARGV: token, group, how many, and `>` for events that nobody received, or the id
 * after which unacknowledged ones are read. Returns nothing if the lease is lost, else the number of events that
 * were trimmed before the channel received them, the entries (an unacknowledged one that was trimmed has no fields), and
 * Redis's time in milliseconds, as which the ids of the entries begin.
 *
 * If Redis was emptied, the group is created anew and begins with the first event since.
 */
export const takeScript = script(`
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return false end
${clock}
${subscribe}
subscribe(ARGV[2], '0')
local lost, isNew = 0, ARGV[4] == '>'
local seen = tonumber(redis.call('HGET', KEYS[1], 'seen') or '0')
if isNew then
  local added, length = counts()
  lost = math.max(0, added - length - seen)
  seen = seen + lost
end
local found = redis.call('XREADGROUP', 'GROUP', ARGV[2], 'dispatcher', 'COUNT', ARGV[3], 'STREAMS', KEYS[2], ARGV[4])
local entries = found and found[1][2] or {}
if isNew then redis.call('HSET', KEYS[1], 'seen', roughly(seen + #entries)) end
return { lost, entries, math.floor(clock()) }
`);
