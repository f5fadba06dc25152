import { luaScript, type LuaScript } from './lua-script.ts';

// KEYS[1] is the base: <base> has owners by the time of their last heartbeat, <base>:seen the time of the last call,
// <base>:back the end of the last gap without calls. Nobody can beat while the server is down, so owners that lived at the
// start of a long gap get some grace, and after any gap nobody counts as silent for a while.

/**
 * ARGV: lease, grace, how long dead owners are kept, time until an owner is silent, shortest gap (all ms), 1 to beat or 0 to
 * ask, owners. Returns for each: 0 = dead, 1 = alive, 2 = alive but silent.
 */
export const touchOwners: LuaScript = luaScript(`
local owners, lease, grace = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local seen = tonumber(redis.call('GET', owners .. ':seen') or now)
if now - seen > grace then
  local least = now - lease + grace
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', owners, text(seen - lease), '(' .. text(least))) do
    redis.call('ZADD', owners, text(least), id)
  end
end
if now - seen > tonumber(ARGV[5]) then redis.call('SET', owners .. ':back', text(now)) end
redis.call('SET', owners .. ':seen', text(now))
redis.call('ZREMRANGEBYSCORE', owners, '-inf', text(now - tonumber(ARGV[3])))
local back, silent = tonumber(redis.call('GET', owners .. ':back') or 0), tonumber(ARGV[4])
local states = {}
for position = 7, #ARGV do
  if ARGV[6] == '1' then redis.call('ZADD', owners, text(now), ARGV[position]) end
  local beat = redis.call('ZSCORE', owners, ARGV[position])
  local age = beat and now - tonumber(beat) or lease + 1
  states[#states + 1] = age > lease and 0 or (age > silent and now - back > silent) and 2 or 1
end
return states
`);

/** ARGV: owners. */
export const removeOwners: LuaScript = luaScript(`return redis.call('ZREM', KEYS[1], unpack(ARGV))`);
