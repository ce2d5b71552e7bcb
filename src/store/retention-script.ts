/** How many releases of a target are kept, and how long. */
export interface Retention {
  /** The last releases of a target, which are kept however old they are. */
  floor: number;
  /** Releases of a target beyond these are deleted. */
  maxCount: number;
  /** Milliseconds that others are kept after their end. */
  maxAgeMs: number;
}

/** As server.yaml has it by default. */
export const DEFAULT_RETENTION: Retention = { floor: 20, maxCount: 100, maxAgeMs: 30 * 86_400_000 };

/**
 * Lua: keeps the history of a target (a list of release ids, newest first). `keep` has the beginnings of the keys of
 * releases and of change sets, and the retention. The newest have no expiry; one gets it when it leaves the floor.
 */
export const retention = `
local function bothKeys(keep, id) return { keep.release .. id, keep.changes .. id } end

local function expireRelease(keep, id)
  local json = redis.call('GET', keep.release .. id)
  if not json then return end
  local isRead, release = pcall(cjson.decode, json)
  local at = (isRead and (release.endedAt or release.startedAt) or 0) + keep.maxAgeMs
  for _, key in ipairs(bothKeys(keep, id)) do redis.call('PEXPIREAT', key, string.format('%.0f', at)) end
end

-- A target that was gone and is back keeps what is left of its history.
local function keepAgain(keep, history)
  if redis.call('PTTL', history) < 0 then return end
  redis.call('PERSIST', history)
  for _, id in ipairs(redis.call('LRANGE', history, 0, keep.floor - 1)) do
    for _, key in ipairs(bothKeys(keep, id)) do redis.call('PERSIST', key) end
  end
end

local function addToHistory(keep, history, id)
  if redis.call('LINDEX', history, 0) == id then return end
  keepAgain(keep, history)
  redis.call('LPUSH', history, id)
  for at = keep.floor, keep.maxCount - 1 do
    local old = redis.call('LINDEX', history, at)
    if not old or redis.call('PTTL', keep.release .. old) ~= -1 then break end
    expireRelease(keep, old)
  end
  for _, old in ipairs(redis.call('LRANGE', history, keep.maxCount, -1)) do
    redis.call('DEL', unpack(bothKeys(keep, old)))
  end
  redis.call('LTRIM', history, 0, keep.maxCount - 1)
  while redis.call('LLEN', history) > keep.floor
    and redis.call('EXISTS', keep.release .. redis.call('LINDEX', history, -1)) == 0 do
    redis.call('RPOP', history)
  end
end

local function expireHistory(keep, history, seconds)
  for _, id in ipairs(redis.call('LRANGE', history, 0, -1)) do
    for _, key in ipairs(bothKeys(keep, id)) do
      if redis.call('PTTL', key) == -1 then redis.call('EXPIRE', key, seconds) end
    end
  end
  redis.call('EXPIRE', history, seconds)
end
`;
