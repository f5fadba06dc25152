import { luaScript, type LuaScript } from './lua-script.ts';

// KEYS[1] is the base:
//   <base>:all            session ids by order of creation, numbered by <base>:number
//   <base>:record:<id>    hash: record, revision, writeId
//   <base>:assets:<id>    hash: asset id -> record; <base>:order:<id> keeps their order
//   <base>:events:<id>    list; an event's sequence is its place in it
//   <base>:publish:<id>   the publish section's lease: fence, until, owner, and the fence that was committed last
//   <base>:written:<write id>   the answer to an event, in case it is sent twice
// While a publish section is open, nobody else changes its session's record.

const sessions = `
local base, id = KEYS[1], ARGV[1]
local record, publish = base .. ':record:' .. id, base .. ':publish:' .. id
local function busy()
  local lease = redis.call('HMGET', publish, 'until', 'fence', 'owner')
  local left = tonumber(lease[1] or 0) - now
  if left <= 0 then return false end
  return { 'busy', text(math.ceil(left)), lease[2], lease[3] }
end
local function revision() return tonumber(redis.call('HGET', record, 'revision') or 0) end
local function writeRecord(value, writeId)
  if redis.call('EXISTS', record) == 0 then
    redis.call('ZADD', base .. ':all', redis.call('INCR', base .. ':number'), id)
  end
  redis.call('HSET', record, 'record', value, 'revision', text(revision() + 1), 'writeId', writeId)
end
local function assets()
  local order = redis.call('ZRANGE', base .. ':order:' .. id, 0, -1)
  if #order == 0 then return {} end
  local list = {}
  for first = 1, #order, 1000 do
    local part = redis.call('HMGET', base .. ':assets:' .. id, unpack(order, first, math.min(first + 999, #order)))
    for _, asset in ipairs(part) do list[#list + 1] = asset end
  end
  return list
end
local function section()
  local current = redis.call('HMGET', record, 'record', 'revision')
  return { 'section', current[1] or '', current[2] or '0', assets() }
end
local function appendEvent(type, data)
  return redis.call('RPUSH', base .. ':events:' .. id, text(now) .. ' ' .. type .. '\\n' .. data)
end
`;

/** ARGV: id. Returns record and revision, or nothing. */
export const getSession: LuaScript = luaScript(`${sessions}
local current = redis.call('HMGET', record, 'record', 'revision')
return current[1] and current or {}
`);

/** ARGV: first place, most sessions. Returns records and revisions, alternating. */
export const listSessions: LuaScript = luaScript(`
local list = {}
local first = tonumber(ARGV[1])
for _, id in ipairs(redis.call('ZRANGE', KEYS[1] .. ':all', first, first + tonumber(ARGV[2]) - 1)) do
  local current = redis.call('HMGET', KEYS[1] .. ':record:' .. id, 'record', 'revision')
  list[#list + 1] = current[1]
  list[#list + 1] = current[2]
end
return list
`);

/** ARGV: id, revision, record, write id, fence of a dead publisher or ''. Returns 1, 0 or { 'busy', ... }. */
export const compareAndSetSession: LuaScript = luaScript(`${sessions}
local open = busy()
if open and open[3] ~= ARGV[5] then return open end
if revision() ~= tonumber(ARGV[2]) then
  return redis.call('HGET', record, 'writeId') == ARGV[4] and 1 or 0
end
writeRecord(ARGV[3], ARGV[4])
return 1
`);

/** ARGV: id. */
export const listAssets: LuaScript = luaScript(`${sessions} return assets()`);

/** ARGV: id, owner and call, lease, fence of a dead publisher or ''. Returns { 'section', record, revision, assets, fence } or { 'busy', ... }. */
export const beginPublish: LuaScript = luaScript(`${sessions}
local open = busy()
if open and open[3] ~= ARGV[4] and open[4] ~= ARGV[2] then return open end
local fence = redis.call('HINCRBY', publish, 'fence', 1)
redis.call('HSET', publish, 'until', text(now + tonumber(ARGV[3])), 'owner', ARGV[2])
local current = section()
current[5] = text(fence)
return current
`);

/**
 * ARGV: id, fence, revision, write id, record or '', count of assets, their ids and records, then types and data of
 * events. Returns the new section, or { 'lost' } if another process has published or changed the record meanwhile. An
 * expired lease does no harm if nobody else entered.
 */
export const commitPublish: LuaScript = luaScript(`${sessions}
local fence = ARGV[2]
if redis.call('HGET', publish, 'committed') == fence then return section() end
if redis.call('HGET', publish, 'fence') ~= fence or revision() ~= tonumber(ARGV[3]) then return { 'lost' } end
if ARGV[5] ~= '' then writeRecord(ARGV[5], ARGV[4]) end
local last = 6 + 2 * tonumber(ARGV[6])
for i = 7, last, 2 do
  if redis.call('HSET', base .. ':assets:' .. id, ARGV[i], ARGV[i + 1]) == 1 then
    redis.call('ZADD', base .. ':order:' .. id, redis.call('INCR', base .. ':number'), ARGV[i])
  end
end
for i = last + 1, #ARGV, 2 do appendEvent(ARGV[i], ARGV[i + 1]) end
redis.call('HSET', publish, 'committed', fence, 'until', 0)
return section()
`);

/** ARGV: id, fence. Ends a section that writes nothing. */
export const leavePublish: LuaScript = luaScript(`${sessions}
if redis.call('HGET', publish, 'fence') == ARGV[2] then redis.call('HSET', publish, 'until', 0) end
return 1
`);

/** ARGV: id, write id, type, data. Returns sequence and time. */
export const appendSessionEvent: LuaScript = luaScript(`${sessions}
local written = base .. ':written:' .. ARGV[2]
local before = redis.call('GET', written)
if before then return { string.match(before, '^(%d+) (%d+)$') } end
local sequence = text(appendEvent(ARGV[3], ARGV[4]))
redis.call('SET', written, sequence .. ' ' .. text(now), 'PX', 600000)
return { sequence, text(now) }
`);

/** ARGV: id, first place, most events. */
export const listEvents: LuaScript = luaScript(`${sessions}
local first = tonumber(ARGV[2])
return redis.call('LRANGE', base .. ':events:' .. id, first, first + tonumber(ARGV[3]) - 1)
`);
