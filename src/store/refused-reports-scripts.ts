import { clock } from './clock-script.ts';
import { script } from './script.ts';

/** Seconds until a repository is tried again for the first time, and at the most. */
const FIRST_PAUSE = 60;
const LONGEST_PAUSE = 1_800;

/**
 * KEYS: unsent reports, refusals, refusal of the repository, its refused reports. ARGV: member of the report, when it
 * changed last (empty: not known), repository, failure as JSON, seconds to keep. Returns 1 if it is the first refusal.
 */
export const refuseScript = script(`
local time = redis.call('TIME')
local now = time[1]
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if at and ARGV[2] ~= '' and tonumber(at) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
redis.call('ZADD', KEYS[4], string.format('%s.%06d', now, time[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - ARGV[5])
local first = redis.call('HSETNX', KEYS[3], 'since', now)
redis.call('HSET', KEYS[3], 'failure', ARGV[4])
if first == 1 then redis.call('ZADD', KEYS[2], now + ${FIRST_PAUSE}, ARGV[3]) end
for i = 3, 4 do redis.call('EXPIRE', KEYS[i], ARGV[5]) end
return first
`);

/**
 * Makes the newest refused report of a repository unsent. KEYS: as above. ARGV: repository, \`1\` to try it although it is
 * not due. Returns the report's member; nothing if it is not due, or if nothing is refused any more.
 */
export const probeScript = script(`
${clock}
local now = redis.call('TIME')[1]
local due = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not due or (ARGV[2] ~= '1' and tonumber(due) > tonumber(now)) then return false end
local member = redis.call('ZRANGE', KEYS[4], -1, -1)[1]
if not member then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('DEL', KEYS[3])
  return false
end
local tries = redis.call('HINCRBY', KEYS[3], 'tries', 1)
redis.call('ZADD', KEYS[2], now + math.min(${LONGEST_PAUSE}, ${FIRST_PAUSE} * 2 ^ tries), ARGV[1])
redis.call('ZREM', KEYS[4], member)
redis.call('ZADD', KEYS[1], 'NX', exactly(clock()), member)
return member
`);

/**
 * A report is sent. If the forge took a status for it, it takes those of the repository again: what it refused is
 * unsent again, and other repositories of the forge are tried at once. KEYS: as above, and the report's sender. ARGV:
 * member of the report, when it changed last (empty: not known), repository, \`1\` if a status was taken, what the
 * forge's repositories begin with, token. Returns 0 if another sender has taken the report.
 */
export const settleReportScript = script(`
${clock}
if redis.call('GET', KEYS[5]) ~= ARGV[6] then return 0 end
redis.call('DEL', KEYS[5])
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if at and ARGV[2] ~= '' and tonumber(at) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
if ARGV[4] ~= '1' or redis.call('ZREM', KEYS[2], ARGV[3]) == 0 then return 1 end
redis.call('ZREM', KEYS[4], ARGV[1])
for _, member in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
  redis.call('ZADD', KEYS[1], 'NX', exactly(clock()), member)
end
redis.call('DEL', KEYS[3], KEYS[4])
for _, other in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  if string.sub(other, 1, #ARGV[5]) == ARGV[5] then redis.call('ZADD', KEYS[2], 0, other) end
end
return 1
`);

/** KEYS: refusals. ARGV: most repositories, \`1\` for those that are not due too. Returns those that are to be tried. */
export const dueRefusalsScript = script(`
local most = ARGV[2] == '1' and '+inf' or redis.call('TIME')[1]
return redis.call('ZRANGE', KEYS[1], '-inf', most, 'BYSCORE', 'LIMIT', 0, ARGV[1])
`);
