/**
 * Lua: `clock()` returns the time of Redis in milliseconds since the epoch, with microseconds: the clocks of the machines
 * that run Slipway differ. Lua writes such a number with too few digits: `exactly(milliseconds)` for a score,
 * `roughly(milliseconds)` for whole ones.
 */
export const clock = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + time[2] / 1000
end
local function exactly(milliseconds) return string.format('%.3f', milliseconds) end
local function roughly(milliseconds) return string.format('%.0f', milliseconds) end
`;
