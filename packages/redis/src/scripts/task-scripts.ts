import { luaScript, type LuaScript } from './lua-script.ts';

// KEYS[1] is the base of all keys of tasks:
//   <base>:number           counts rows, in order of creation
//   <base>:row:<member>     one row as a hash; a member is <task key>/<request hash>/<attempt>
//   <base>:task:<task key>  the rows of a task: <request hash>/<attempt> -> 1 if it is or was to be paid, else 0
//   <base>:rows, <base>:state:<state>, <base>:scope:<scope>   members by number
// Every write has its own id, kept as `writeId`, so that a repeated write is recognized.

const index = `
local base = KEYS[1]
local function rowKey(member) return base .. ':row:' .. member end
local function split(member) return string.match(member, '^(.*)/([^/]*/[^/]*)$') end
`;

/** ARGV: member, state, scope, paid, write id, then names and values. Returns 1 = written, 0 = the row exists. */
export const beginTask: LuaScript = luaScript(`${index}
local member, state, scope, paid, writeId = unpack(ARGV, 1, 5)
local row = rowKey(member)
if redis.call('EXISTS', row) == 1 then
  return redis.call('HGET', row, 'writeId') == writeId and 1 or 0
end
local number = redis.call('INCR', base .. ':number')
redis.call('HSET', row, unpack(ARGV, 6))
redis.call('HSET', row, 'revision', 1, 'updatedAtMs', text(now), 'number', number, 'writeId', writeId)
redis.call('ZADD', base .. ':rows', number, member)
redis.call('ZADD', base .. ':state:' .. state, number, member)
redis.call('ZADD', base .. ':scope:' .. scope, number, member)
local taskKey, field = split(member)
redis.call('HSET', base .. ':task:' .. taskKey, field, paid)
return 1
`);

/**
 * ARGV: member, revision, write id, paid (1, 0 or ''), state or '', count of values to set, then those, then fields to remove.
 * Returns the new revision and time, which are all that the writer does not know.
 */
export const updateTask: LuaScript = luaScript(`${index}
local member, revision, writeId, paid, state, setCount = unpack(ARGV, 1, 6)
local row = rowKey(member)
local current = redis.call('HMGET', row, 'revision', 'writeId', 'state', 'number', 'updatedAtMs')
if not current[1] then return false end
if current[1] ~= revision then
  if current[2] == writeId then return { current[1], current[5] } end
  return false
end
local last = 6 + tonumber(setCount)
if last > 6 then redis.call('HSET', row, unpack(ARGV, 7, last)) end
if #ARGV > last then redis.call('HDEL', row, unpack(ARGV, last + 1)) end
local version = { text(revision + 1), text(now) }
redis.call('HSET', row, 'revision', version[1], 'updatedAtMs', version[2], 'writeId', writeId)
if state ~= '' and state ~= current[3] then
  redis.call('ZREM', base .. ':state:' .. current[3], member)
  redis.call('ZADD', base .. ':state:' .. state, current[4], member)
end
if paid ~= '' then
  local taskKey, field = split(member)
  redis.call('HSET', base .. ':task:' .. taskKey, field, paid)
end
return version
`);

/** ARGV: member. */
export const getTask: LuaScript = luaScript(`${index} return redis.call('HGETALL', rowKey(ARGV[1]))`);

/** ARGV: task key, request hash. */
export const latestTask: LuaScript = luaScript(`${index}
local latest
for _, field in ipairs(redis.call('HKEYS', base .. ':task:' .. ARGV[1])) do
  local hash, attempt = string.match(field, '^(.*)/(.*)$')
  if hash == ARGV[2] and (not latest or tonumber(attempt) > latest) then latest = tonumber(attempt) end
end
if not latest then return {} end
return redis.call('HGETALL', rowKey(ARGV[1] .. '/' .. ARGV[2] .. '/' .. text(latest)))
`);

/** ARGV: task key. Returns the fields of its rows and whether each was paid. */
export const paidOfTask: LuaScript = luaScript(`${index} return redis.call('HGETALL', base .. ':task:' .. ARGV[1])`);

/**
 * ARGV: number to start after, most rows, 1 for the latest attempts only, names of the indexes. Returns number and fields of
 * each row; a page that is not full is the last.
 */
export const listTasks: LuaScript = luaScript(`${index}
local found = {}
for position = 4, #ARGV do
  local part = redis.call('ZRANGEBYSCORE', base .. ':' .. ARGV[position], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
  for i = 1, #part, 2 do found[#found + 1] = { member = part[i], number = tonumber(part[i + 1]) } end
end
table.sort(found, function(a, b) return a.number < b.number end)
local page = {}
for i = 1, math.min(#found, tonumber(ARGV[2])) do
  local member, row = found[i].member, {}
  local superseded = false
  if ARGV[3] == '1' then
    local taskKey, field = split(member)
    local hash, attempt = string.match(field, '^(.*)/(.*)$')
    for _, other in ipairs(redis.call('HKEYS', base .. ':task:' .. taskKey)) do
      local otherHash, otherAttempt = string.match(other, '^(.*)/(.*)$')
      if otherHash == hash and tonumber(otherAttempt) > tonumber(attempt) then superseded = true end
    end
  end
  if not superseded then row = redis.call('HGETALL', rowKey(member)) end
  page[i] = { text(found[i].number), row }
end
return page
`);

/** ARGV: task key. Returns for each row: field, revision, state, owner or ''. */
export const ownersOfTask: LuaScript = luaScript(`${index}
local rows = {}
for _, field in ipairs(redis.call('HKEYS', base .. ':task:' .. ARGV[1])) do
  local row = redis.call('HMGET', rowKey(ARGV[1] .. '/' .. field), 'revision', 'state', 'owner')
  rows[#rows + 1] = { field, row[1] or '', row[2] or '', row[3] or '' }
end
return rows
`);

/** ARGV: task key, then field and revision of each row. Returns how many were removed; -1 if one changed or is new. */
export const forgetTask: LuaScript = luaScript(`${index}
local taskKey = ARGV[1]
local rows = base .. ':task:' .. taskKey
if redis.call('HLEN', rows) ~= (#ARGV - 1) / 2 then return -1 end
for i = 2, #ARGV, 2 do
  if redis.call('HGET', rowKey(taskKey .. '/' .. ARGV[i]), 'revision') ~= ARGV[i + 1] then return -1 end
end
for i = 2, #ARGV, 2 do
  local member = taskKey .. '/' .. ARGV[i]
  local row = redis.call('HMGET', rowKey(member), 'state', 'scope')
  redis.call('ZREM', base .. ':rows', member)
  redis.call('ZREM', base .. ':state:' .. row[1], member)
  redis.call('ZREM', base .. ':scope:' .. row[2], member)
  redis.call('DEL', rowKey(member))
end
redis.call('DEL', rows)
return (#ARGV - 1) / 2
`);
