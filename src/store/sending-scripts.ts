import { PLACE_OF, RECALLED } from '../ports/commit-reports.ts';
import { clock } from './clock-script.ts';
import { script } from './script.ts';

/**
 * Lua: `distrust(sent)` forgets what the forge was said to have, so that the next sending posts all of it. Where a forge
 * keeps a commit's statuses, and that the report was recalled, stays true.
 */
const distrust = `
local function distrust(sent)
  for _, field in ipairs(redis.call('HKEYS', sent)) do
    if field ~= '${RECALLED}' and string.sub(field, 1, ${PLACE_OF.length}) ~= '${PLACE_OF}' then
      redis.call('HDEL', sent, field)
    end
  end
end
`;

/**
 * Lua: `contest(unsent, sent, sender, member)`: two senders have posted side by side, so nobody knows whose
 * status the forge took last. The other one may still post: it loses the report too.
 */
const contest = `
${clock}
${distrust}
local function contest(unsent, sent, sender, member)
  distrust(sent)
  redis.call('DEL', sender)
  redis.call('ZADD', unsent, exactly(clock()), member)
end
`;

/**
 * Takes the report for one sender. An earlier sender that has not ended may have posted what it could not mark.
 *
 * KEYS: unsent reports, the report, what was sent of it, its sender. ARGV: member of the report, token, seconds to keep.
 * Returns when the report changed last (empty: all is sent), for how many milliseconds it is unsent, its hash, and what was
 * sent.
 */
export const beginScript = script(`
${clock}
${distrust}
if redis.call('EXISTS', KEYS[4]) == 1 then distrust(KEYS[3]) end
redis.call('SET', KEYS[4], ARGV[2], 'EX', ARGV[3])
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
local unsent = at and math.max(0, math.floor(clock() - at)) or 0
return { at or '', unsent, redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3]) }
`);

/**
 * KEYS: unsent reports, what was sent of the report, its sender. ARGV: member of the report, token, seconds to
 * keep, then fields and values. Returns 0 if another sender has taken the report.
 */
export const markScript = script(`
${contest}
if redis.call('GET', KEYS[3]) ~= ARGV[2] then
  contest(KEYS[1], KEYS[2], KEYS[3], ARGV[1])
  return 0
end
redis.call('HSET', KEYS[2], unpack(ARGV, 4))
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
`);

/**
 * Ends a sending that failed. KEYS: as above. ARGV: member of the report, token, then fields of which
 * it is not known whether the forge has them.
 */
export const interruptScript = script(`
${contest}
local isHeld = redis.call('GET', KEYS[3]) == ARGV[2]
if isHeld then redis.call('DEL', KEYS[3]) end
if #ARGV < 3 then return end
if isHeld then redis.call('HDEL', KEYS[2], unpack(ARGV, 3))
else contest(KEYS[1], KEYS[2], KEYS[3], ARGV[1]) end
`);
