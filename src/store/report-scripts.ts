import { RECALLED } from '../ports/commit-reports.ts';
import { clock } from './clock-script.ts';
import { script } from './script.ts';

/**
 * Changes a report, and marks it as unsent and perhaps as recalled. KEYS: the report, unsent reports, what was sent of
 * it. ARGV: member of the report, seconds to keep, a field to delete (empty: none), how it is recalled (empty: not), then
 * fields and values.
 *
 * Its field without a name (the branch) is always there, because a report without lines exists too.
 */
export const changeReportScript = script(`
${clock}
redis.call('HSETNX', KEYS[1], '', '')
for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[3] ~= '' then redis.call('HDEL', KEYS[1], ARGV[3]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[3], '${RECALLED}', ARGV[4])
  redis.call('EXPIRE', KEYS[3], ARGV[2])
end
redis.call('ZADD', KEYS[2], exactly(clock()), ARGV[1])
`);
