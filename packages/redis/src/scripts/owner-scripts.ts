import { luaScript, type LuaScript } from './lua-script.ts';

// KEYS[1] is the base: <base> holds owners by the time of their last heartbeat, <base>:seen when anybody last looked or
// beat. Nobody can beat while the server is away, so after a gap those who lived at its start get some grace.

/** ARGV: lease, grace, how long dead owners are kept (ms), 1 to beat or 0 to ask, owners. For each: 1 = alive. */
export const touchOwners: LuaScript = luaScript(`
local owners, lease, grace = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local seen = tonumber(redis.call('GET', owners .. ':seen') or now)
if now - seen > grace then
  local least = now - lease + grace
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', owners, text(seen - lease), '(' .. text(least))) do
    redis.call('ZADD', owners, text(least), id)
  end
end
redis.call('SET', owners .. ':seen', text(now))
redis.call('ZREMRANGEBYSCORE', owners, '-inf', text(now - tonumber(ARGV[3])))
local alive = {}
for position = 5, #ARGV do
  if ARGV[4] == '1' then redis.call('ZADD', owners, text(now), ARGV[position]) end
  local beat = redis.call('ZSCORE', owners, ARGV[position])
  alive[#alive + 1] = beat and now - tonumber(beat) <= lease and 1 or 0
end
return alive
`);

/** ARGV: owners. */
export const removeOwners: LuaScript = luaScript(`return redis.call('ZREM', KEYS[1], unpack(ARGV))`);
