import { appendEvent } from './event-scripts.ts';
import { retention } from './retention-script.ts';
import { script } from './script.ts';
import { targetLists } from './target-list-scripts.ts';

/**
 * KEYS: lease, the target's hash. ARGV: fencing token, the highest number the cluster knows, the losses that the run has
 * read. Returns 0 if the lease is lost.
 */
export const nextNumberScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local number = math.max(tonumber(redis.call('HGET', KEYS[2], 'number') or '0'), tonumber(ARGV[2])) + 1
redis.call('HSET', KEYS[2], 'number', number, 'well', '0', 'lossesSeen', ARGV[3])
return number
`);

/**
 * KEYS: lease, commit report, unsent reports, open lines of the report. ARGV: fencing token, target, its line as JSON,
 * seconds to keep, a score for unsent and its member. Returns 0 if the lease is lost.
 */
export const writeLineScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[5], ARGV[6])
if redis.call('SADD', KEYS[4], ARGV[2]) == 1 then redis.call('EXPIRE', KEYS[4], ARGV[4]) end
return 1
`);

/**
 * Writes the release, its line of the commit report, the target's state and the release's event in one step, and only
 * for the run that holds the lease. A target of which nothing is left leaves the list of targets; its history is kept
 * as long as any.
 *
 * KEYS: lease, target, release, history, commit report, unsent reports, listed targets, successors, parent, unwell
 * targets, former targets, open lines of the report, events. ARGV: 1 fencing token, 2 release as JSON, 3 seconds to keep,
 * 4 release id, 5 what is kept as JSON (`retention-script.ts`), 6 target, 7 line as JSON, 8 now, 9 member of unsent,
 * 10 revision if the release has ended, 11 `1` if it ended well, 12 commit in force, 13 `1` if nothing of the target is
 * left, 14 parent, 15 what the write means for the report, 16 fields of a report whose targets have contexts of their own, 17 event as
 * JSON, 18 rank of the stage (empty: not a stage), 19 policy key, 20 revision, 21 state.
 *
 * A release that was evaluated by another policy than the intake asked for (by a worker with an older server.yaml)
 * leaves its target unwell, so that the next intake compares the policy again.
 *
 * The same write sent twice (after a lost connection) appends one event; a stage appends one when the release reaches
 * it for the first time, so that retries and waves do not flood the stream.
 *
 * Returns 0 if the lease is lost, 2 if the forge has something new to hear, else 1: of many targets it hears that they
 * are on their way, each failure, and the end of the last one.
 */
export const writeReleaseScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
${appendEvent}
${targetLists}
${retention}
local isNew = redis.call('HGET', KEYS[2], 'last') ~= ARGV[2]
if ARGV[18] ~= '' then
  local id, rank = string.match(redis.call('HGET', KEYS[2], 'reached') or '', '^(.*):(%d+)$')
  isNew = id ~= ARGV[4] or tonumber(rank) < tonumber(ARGV[18])
  if isNew then redis.call('HSET', KEYS[2], 'reached', ARGV[4] .. ':' .. ARGV[18]) end
end
if isNew then appendEvent(KEYS[13], ARGV[17]) end
redis.call('HSET', KEYS[2], 'last', ARGV[2])
-- A newer desired revision is queued, whatever becomes of this one.
local newest = redis.call('HGET', KEYS[2], 'revision') == ARGV[20]
if newest then listState(KEYS[7], KEYS[2], ARGV[6], ARGV[21]) end
local keep = cjson.decode(ARGV[5])
redis.call('SET', KEYS[3], ARGV[2])
if ARGV[15] ~= 'step' then redis.call('PERSIST', keep.changes .. ARGV[4]) end
addToHistory(keep, KEYS[4], ARGV[4])
redis.call('HSET', KEYS[5], ARGV[6], ARGV[7])
redis.call('EXPIRE', KEYS[5], ARGV[3])
redis.call('ZADD', KEYS[6], ARGV[8], ARGV[9])
if ARGV[15] == 'failed' or ARGV[15] == 'over' then
  redis.call('SREM', KEYS[12], ARGV[6])
elseif redis.call('SADD', KEYS[12], ARGV[6]) == 1 then
  redis.call('EXPIRE', KEYS[12], ARGV[3])
end
if ARGV[14] ~= '' then redis.call('SET', KEYS[9], ARGV[14], 'EX', ARGV[3]) end
if ARGV[10] ~= '' then
  redis.call('HSET', KEYS[2], 'handled', ARGV[10], 'well', ARGV[11])
  local asked = redis.call('HGET', KEYS[2], 'policy') or ''
  if ARGV[19] ~= '' then redis.call('HSET', KEYS[2], 'policy', ARGV[19]) end
  local otherPolicy = asked ~= '' and ARGV[19] ~= '' and asked ~= ARGV[19]
  if ARGV[12] ~= '' then redis.call('HSET', KEYS[2], 'inForce', ARGV[12]) end
  local settled = (ARGV[11] == '1' and not otherPolicy) or ARGV[13] == '1'
  if newest and settled then redis.call('SREM', KEYS[10], ARGV[6]) end
  if newest and ARGV[13] == '1' then
    unlist(KEYS[7], KEYS[2], ARGV[6])
    redis.call('EXPIRE', KEYS[2], ARGV[3])
    expireHistory(keep, KEYS[4], ARGV[3])
    redis.call('DEL', KEYS[8], KEYS[9])
    redis.call('ZADD', KEYS[11], ARGV[8], ARGV[6])
    local forgotten = ARGV[8] - ARGV[3] * 1000
    for _, id in ipairs(redis.call('ZRANGE', KEYS[11], '-inf', forgotten, 'BYSCORE')) do forgetName(KEYS[7], id) end
    redis.call('ZREMRANGEBYSCORE', KEYS[11], '-inf', forgotten)
  end
end
if ARGV[15] == 'step' then return 1 end
if ARGV[15] == 'failed' or redis.call('HLEN', KEYS[5]) <= tonumber(ARGV[16]) then return 2 end
return redis.call('SCARD', KEYS[12]) == 0 and 2 or 1
`);
