/**
 * Events kept for channels and readers that lag behind: about 20 MB of Redis. Redis trims whole nodes of the stream,
 * so up to a hundred more may be there (https://redis.io/docs/latest/commands/xtrim/).
 */
const KEEP_EVENTS = 50_000;

/** Lua, for the scripts that write what an event is about: `appendEvent(stream, json)`. */
export const appendEvent = `
local function appendEvent(stream, event)
  redis.call('XADD', stream, 'MAXLEN', '~', ${KEEP_EVENTS}, '*', 'event', event)
end
`;
