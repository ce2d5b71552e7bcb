import { clock } from './clock-script.ts';
import { appendEvent } from './event-scripts.ts';
import { commitsToTell, writeLine } from './line-scripts.ts';
import { retention } from './retention-script.ts';
import { retries } from './retries-scripts.ts';
import { script } from './script.ts';
import { targetLists } from './target-list-scripts.ts';

/**
 * KEYS: lease, the target's hash. ARGV: fencing token, the highest number the cluster knows, the losses that the run has
 * read. Returns nothing if the lease is lost, else the number and for how many milliseconds the revision has been desired.
 */
export const nextNumberScript = script(`
${clock}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local number = math.max(tonumber(redis.call('HGET', KEYS[2], 'number') or '0'), tonumber(ARGV[2])) + 1
redis.call('HSET', KEYS[2], 'number', number, 'well', '0', 'lossesSeen', ARGV[3])
local now = clock()
return { number, math.max(0, math.floor(now - (redis.call('HGET', KEYS[2], 'at') or now))) }
`);

/**
 * Writes the release, its change set, its line of each commit that it carries, the target's state and the release's event
 * in one step, and only for the run that holds the lease. A target of which nothing is left leaves the list of targets; its history
 * is kept as long as any.
 *
 * KEYS: 1 lease, 2 target, 3 release, 4 history, 5 unsent reports, 6 listed targets, 7 successors, 8 parent, 9 unwell
 * targets, 10 former targets, 11 events, 12 obstacles. ARGV: 1 fencing token, 2 release as JSON, 3 seconds to keep,
 * 4 release id, 5 what is kept as JSON (`retention-script.ts`), 6 target, 7 line as JSON, 8 and 9 what precedes the commit
 * in a report's key and in its member of unsent, 10 scope, 11 commit, 12 revision, 13 `1` if the release has ended, 14 `1`
 * if it ended well, 15 commit in force, 16 `1` if nothing of the target is left, 17 parent, 18 what the write means for
 * the reports, 19 fields of a report whose targets have contexts of their own, 20 event as JSON (empty: none), 21 rank of
 * the stage (empty: not a stage), 22 policy key, 23 state, 24 change set (bytes; empty: it stays as it is), 25 the
 * obstacle behind which the target waits for another attempt (empty: none).
 *
 * A release that was evaluated by another policy than the intake asked for (by a worker with an older server.yaml)
 * leaves its target unwell, so that the next intake compares the policy again.
 *
 * The same write sent twice (after a lost connection) appends one event; a stage appends one when the release reaches
 * it for the first time, so that retries and waves do not flood the stream.
 *
 * Returns 0 if the lease is lost, else the commits of which the forge has something new to hear: of many targets it
 * hears that they are on their way, each failure, and the end of the last one.
 */
export const writeReleaseScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
${clock}
${appendEvent}
${targetLists}
${retention}
${retries}
${commitsToTell}
${writeLine}
local now = clock()
local isNew = redis.call('HGET', KEYS[2], 'last') ~= ARGV[2]
if ARGV[21] ~= '' then
  local id, rank = string.match(redis.call('HGET', KEYS[2], 'reached') or '', '^(.*):(%d+)$')
  isNew = id ~= ARGV[4] or tonumber(rank) < tonumber(ARGV[21])
  if isNew then redis.call('HSET', KEYS[2], 'reached', ARGV[4] .. ':' .. ARGV[21]) end
end
if isNew and ARGV[20] ~= '' then appendEvent(KEYS[11], ARGV[20]) end
redis.call('HSET', KEYS[2], 'last', ARGV[2])
-- A newer desired revision is queued, whatever becomes of this one.
local newest = redis.call('HGET', KEYS[2], 'revision') == ARGV[12]
if newest then listState(KEYS[6], KEYS[2], ARGV[6], ARGV[23]) end
local effect = ARGV[18]
local keep = cjson.decode(ARGV[5])
redis.call('SET', KEYS[3], ARGV[2])
if ARGV[24] ~= '' then redis.call('SET', keep.changes .. ARGV[4], ARGV[24], 'EX', ARGV[3]) end
if effect ~= 'step' then redis.call('PERSIST', keep.changes .. ARGV[4]) end
addToHistory(keep, KEYS[4], ARGV[4])
local at = { target = ARGV[6], keep = ARGV[3], unsent = KEYS[5], score = exactly(now), report = ARGV[8], member = ARGV[9],
  scope = ARGV[10] }
local news = {}
for _, commit in ipairs(commitsToTell(KEYS[2], ARGV[12], ARGV[11])) do
  local report = writeLine(at, commit, ARGV[7], effect ~= 'failed' and effect ~= 'over')
  local isFew = redis.call('HLEN', report) <= tonumber(ARGV[19])
  if effect ~= 'step' and (effect == 'failed' or isFew or redis.call('SCARD', report .. ':open') == 0) then
    news[#news + 1] = commit
  end
end
if ARGV[17] ~= '' then redis.call('SET', KEYS[8], ARGV[17], 'EX', ARGV[3]) end
if ARGV[23] == 'verifying' then passObstacle(KEYS[12], KEYS[2]) end
if ARGV[13] == '1' then
  waitBehind(KEYS[12], KEYS[2], ARGV[6], ARGV[25], ARGV[23])
  redis.call('HSET', KEYS[2], 'handled', ARGV[12], 'well', ARGV[14])
  local asked = redis.call('HGET', KEYS[2], 'policy') or ''
  if ARGV[22] ~= '' then redis.call('HSET', KEYS[2], 'policy', ARGV[22]) end
  local otherPolicy = asked ~= '' and ARGV[22] ~= '' and asked ~= ARGV[22]
  if ARGV[15] ~= '' then redis.call('HSET', KEYS[2], 'inForce', ARGV[15]) end
  local settled = (ARGV[14] == '1' and not otherPolicy) or ARGV[16] == '1'
  if newest and settled then redis.call('SREM', KEYS[9], ARGV[6]) end
  if newest and ARGV[16] == '1' then
    unlist(KEYS[6], KEYS[2], ARGV[6])
    redis.call('EXPIRE', KEYS[2], ARGV[3])
    expireHistory(keep, KEYS[4], ARGV[3])
    redis.call('DEL', KEYS[7], KEYS[8])
    redis.call('ZADD', KEYS[10], exactly(now), ARGV[6])
    local forgotten = exactly(now - ARGV[3] * 1000)
    for _, id in ipairs(redis.call('ZRANGE', KEYS[10], '-inf', forgotten, 'BYSCORE')) do forgetName(KEYS[6], id) end
    redis.call('ZREMRANGEBYSCORE', KEYS[10], '-inf', forgotten)
  end
end
return news
`);
