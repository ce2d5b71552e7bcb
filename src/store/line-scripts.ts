/**
 * Lua: `writeLine(at, commit, line, isOpen)` writes a target's line of a commit's report, and marks the report as
 * unsent. `at` holds what the lines of one call share: `report` and `member` (what precedes the commit in the report's
 * key and in its member of unsent), `scope`, `target`, `unsent` (key), `score` and `keep` (seconds). Returns the key of
 * the report. All keys of a prefix share a slot of a Redis Cluster.
 */
export const writeLine = `
local function writeLine(at, commit, line, isOpen)
  local key = at.report .. commit .. ':' .. at.scope
  redis.call('HSET', key, at.target, line)
  redis.call('EXPIRE', key, at.keep)
  if not isOpen then
    redis.call('SREM', key .. ':open', at.target)
  elseif redis.call('SADD', key .. ':open', at.target) == 1 then
    redis.call('EXPIRE', key .. ':open', at.keep)
  end
  redis.call('ZADD', at.unsent, at.score, at.member .. commit .. '","' .. at.scope .. '"]')
  return key
end
`;

/**
 * Lua: `carriedCommits(json, commit)` returns the commits whose content a desired revision carries, from
 * the field of the target's hash. `commit`: the desired one, for a hash without the field. `contains(list, value)`.
 */
export const carriedCommits = `
local function carriedCommits(json, commit)
  if json then return cjson.decode(json) end
  return commit and { commit } or {}
end

local function contains(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end
`;

/**
 * Lua: `commitsToTell(key, revision, commit)` returns the commits whose reports a release of that revision and commit
 * writes to. Those that a newer revision carries hear of its release only.
 */
export const commitsToTell = `
${carriedCommits}
local function commitsToTell(key, revision, commit)
  local newest, desired, carried = unpack(redis.call('HMGET', key, 'revision', 'commit', 'carried'))
  local commits = carriedCommits(carried, desired)
  if newest == tostring(revision) then
    if not contains(commits, commit) then table.insert(commits, 1, commit) end
    return commits
  end
  return contains(commits, commit) and {} or { commit }
end
`;
