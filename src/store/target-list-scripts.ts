import { script } from './script.ts';

/**
 * Lua: the lists that targets are found by, kept by every script that writes a target. All are sorted sets of which
 * every score is 0, so that Redis sorts them by name. `listed` is the key of all targets; the keys of the others begin
 * with it (`state-keys.ts`). A target's hash says in which lists it is.
 */
export const targetLists = `
local function environmentOf(id) return string.match(id, '@([^@]*)$') or '' end
local function nameOf(id) return (string.match(id, '//(.*)$') or id) .. ' ' .. id end

local function relist(listed, hash, id, field, value)
  local before = redis.call('HGET', hash, field)
  if before == value then return end
  if before then redis.call('ZREM', listed .. ':' .. field .. ':' .. before, id) end
  redis.call('ZADD', listed .. ':' .. field .. ':' .. value, 0, id)
  redis.call('HSET', hash, field, value)
end

-- Returns whether the target was not listed.
local function list(listed, hash, id, cluster)
  local isNew = redis.call('ZADD', listed, 0, id) == 1
  if isNew then
    redis.call('ZADD', listed .. ':environment:' .. environmentOf(id), 0, id)
    redis.call('ZADD', listed .. ':names', 0, nameOf(id))
  end
  relist(listed, hash, id, 'cluster', cluster)
  return isNew
end

local function listState(listed, hash, id, state)
  if redis.call('ZSCORE', listed, id) then relist(listed, hash, id, 'state', state) end
end

-- Its name stays, so that its history is found as long as it is kept.
local function unlist(listed, hash, id)
  redis.call('ZREM', listed, id)
  redis.call('ZREM', listed .. ':environment:' .. environmentOf(id), id)
  for _, field in ipairs({ 'cluster', 'state' }) do
    local value = redis.call('HGET', hash, field)
    if value then redis.call('ZREM', listed .. ':' .. field .. ':' .. value, id) end
    redis.call('HDEL', hash, field)
  end
end

local function forgetName(listed, id)
  if not redis.call('ZSCORE', listed, id) then redis.call('ZREM', listed .. ':names', nameOf(id)) end
end
`;

/**
 * One page of the targets that are in all of the lists. It walks the shortest list and examines a bounded number of
 * names, whatever the lists hold: a page may have fewer targets than asked for although more follow.
 *
 * KEYS: the lists. ARGV: most targets of the page, most names to examine, then the ranges of names (as ZRANGEBYLEX
 * takes them) in ascending order. Returns the last name that was examined (empty: no more follow), and the page.
 */
export const targetPageScript = script(`
local wanted, left = tonumber(ARGV[1]), tonumber(ARGV[2])
local page, last = {}, ''
local shortest, least = 1, nil
for i = 1, #KEYS do
  local count = redis.call('ZCARD', KEYS[i])
  if not least or count < least then shortest, least = i, count end
end

local function isInAll(id)
  for i = 1, #KEYS do
    if i ~= shortest and not redis.call('ZSCORE', KEYS[i], id) then return false end
  end
  return true
end

-- Returns whether it came to the end of the names.
local function examine(ids)
  for _, id in ipairs(ids) do
    if #page == wanted or left == 0 then return false end
    left = left - 1
    last = id
    if isInAll(id) then page[#page + 1] = id end
  end
  return true
end

for i = 3, #ARGV, 2 do
  -- One more than it examines tells whether more follow.
  local most = (#KEYS == 1 and math.min(left, wanted - #page) or left) + 1
  local ids = redis.call('ZRANGEBYLEX', KEYS[shortest], ARGV[i], ARGV[i + 1], 'LIMIT', 0, most)
  if not examine(ids) then return { last, page } end
end
return { '', page }
`);
