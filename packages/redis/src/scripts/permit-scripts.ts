import { luaScript, type LuaScript } from './lua-script.ts';

// KEYS[1] is the base:
//   <base>:held:<lane>   granted permits: key -> "<fence> <end of the lease> <owner>"
//   <base>:lane:<lane>   fence: number of the last grant; ticket: of the last in line; releases: how many so far; seen: the last look
//   <base>:line:<lane>   waiting owners: owner -> "<ticket> <when it last asked>"
//   <base>:phase:<lane>  phase of a permit: key -> phase; none: it waits
//   <base>:learned:<lane>   what clients have learned: about -> "<revision> <when it was kept> <text>"
//   <base>:durations:<lane>   how long jobs took: kind -> JSON
//   <base>:rate:<kind>:<lane>   next: the earliest moment nobody has reserved; seen: the last reservation
//   <base>:released      the channel of lanes where a permit was released
// Nobody can renew while the server is down, so a lease that expired in a gap without calls gets some grace.

const lanes = `
local base = KEYS[1]
local function heldKey(lane) return base .. ':held:' .. lane end
local function laneKey(lane) return base .. ':lane:' .. lane end
local function decode(value)
  local fence, untilMs, owner = string.match(value, '^(%d+) (%d+) (.*)$')
  return fence, tonumber(untilMs), owner
end
local function write(lane, key, fence, owner, lease)
  redis.call('HSET', heldKey(lane), key, fence .. ' ' .. text(now + lease) .. ' ' .. owner)
end
local function phaseKey(lane) return base .. ':phase:' .. lane end
local function remove(lane, key)
  redis.call('HDEL', phaseKey(lane), key)
  return redis.call('HDEL', heldKey(lane), key)
end
local function nextFence(lane) return text(redis.call('HINCRBY', laneKey(lane), 'fence', 1)) end
local function released(lane, count)
  redis.call('HINCRBY', laneKey(lane), 'releases', count)
  redis.call('PUBLISH', base .. ':released', lane)
end
local function settle(lane, grace)
  local seen = tonumber(redis.call('HGET', laneKey(lane), 'seen') or now)
  local permits, freed = redis.call('HGETALL', heldKey(lane)), 0
  for i = 1, #permits, 2 do
    local fence, untilMs, owner = decode(permits[i + 1])
    if untilMs <= now then
      if untilMs > seen and now - seen > grace then
        redis.call('HSET', heldKey(lane), permits[i], fence .. ' ' .. text(now + grace) .. ' ' .. owner)
      else
        remove(lane, permits[i])
        freed = freed + 1
      end
    end
  end
  redis.call('HSET', laneKey(lane), 'seen', text(now))
  if freed > 0 then released(lane, freed) end
end
local function holders(lane)
  local list, permits = {}, redis.call('HGETALL', heldKey(lane))
  for i = 1, #permits, 2 do
    local fence, _, owner = decode(permits[i + 1])
    list[#list + 1] = { permits[i], fence, owner }
  end
  return list
end
local function lineKey(lane) return base .. ':line:' .. lane end
local function ahead(lane, owner, stale)
  local line, own, count = redis.call('HGETALL', lineKey(lane)), math.huge, 0
  for i = 1, #line, 2 do
    if line[i] == owner then own = tonumber(string.match(line[i + 1], '^%d+')) end
  end
  for i = 1, #line, 2 do
    local ticket, asked = string.match(line[i + 1], '^(%d+) (%d+)$')
    if line[i] ~= owner and tonumber(ticket) < own then
      if now - tonumber(asked) > stale then redis.call('HDEL', lineKey(lane), line[i]) else count = count + 1 end
    end
  end
  return count
end
local function join(lane, owner)
  local place = redis.call('HGET', lineKey(lane), owner)
  local ticket = place and string.match(place, '^%d+') or text(redis.call('HINCRBY', laneKey(lane), 'ticket', 1))
  redis.call('HSET', lineKey(lane), owner, ticket .. ' ' .. text(now))
end
local function releases(lane) return tonumber(redis.call('HGET', laneKey(lane), 'releases') or 0) end
`;

/**
 * ARGV: lane, limit, key, owner, lease, grace, time after which an owner that does not ask leaves the line. Returns the fence
 * of the grant, or { releases, holders } when the lane is full or others are first.
 */
export const acquirePermit: LuaScript = luaScript(`${lanes}
local lane, limit, key, owner, lease, grace, stale = unpack(ARGV)
settle(lane, tonumber(grace))
local mine = redis.call('HGET', heldKey(lane), key)
if mine then
  local fence, _, holder = decode(mine)
  if holder ~= owner then return { releases(lane), holders(lane) } end
  write(lane, key, fence, owner, tonumber(lease))
  return fence
end
if redis.call('HLEN', heldKey(lane)) + ahead(lane, owner, tonumber(stale)) >= tonumber(limit) then
  join(lane, owner)
  return { releases(lane), holders(lane) }
end
redis.call('HDEL', lineKey(lane), owner)
local fence = nextFence(lane)
write(lane, key, fence, owner, tonumber(lease))
return fence
`);

/** ARGV: lane, key, owner, lease. Returns a new fence, which ends the renewals of an earlier holder. */
export const adoptPermit: LuaScript = luaScript(`${lanes}
local lane, key, owner, lease = unpack(ARGV)
local fence = nextFence(lane)
write(lane, key, fence, owner, tonumber(lease))
redis.call('HSET', phaseKey(lane), key, 'running')
return fence
`);

/**
 * ARGV: lease, then lane, key, fence and owner of each. Returns for each its fence: the same, a new one if the lease had
 * expired (the job may run, so it counts again), or '' if another owner has taken the job over.
 */
export const renewPermits: LuaScript = luaScript(`${lanes}
local fences = {}
for i = 2, #ARGV, 4 do
  local lane, key, fence, owner = unpack(ARGV, i, i + 3)
  local value = redis.call('HGET', heldKey(lane), key)
  local current, _, holder
  if value then current, _, holder = decode(value) end
  if value and current ~= fence and holder ~= owner then
    fences[#fences + 1] = ''
  else
    if not value then redis.call('HSET', phaseKey(lane), key, 'running') end
    current = current or nextFence(lane)
    write(lane, key, current, owner, tonumber(ARGV[1]))
    redis.call('HSET', laneKey(lane), 'seen', text(now))
    fences[#fences + 1] = current
  end
end
return fences
`);

/** ARGV: lane, then key and fence of each; an empty fence matches any. Returns how many were removed. */
export const releasePermits: LuaScript = luaScript(`${lanes}
local lane, freed = ARGV[1], 0
for i = 2, #ARGV, 2 do
  local value = redis.call('HGET', heldKey(lane), ARGV[i])
  if value and (ARGV[i + 1] == '' or decode(value) == ARGV[i + 1]) then
    freed = freed + remove(lane, ARGV[i])
  end
end
if freed > 0 then released(lane, freed) end
return freed
`);

/** ARGV: lane, owner. Gives up its place in the line. */
export const leaveLine: LuaScript = luaScript(`${lanes}
if redis.call('HDEL', lineKey(ARGV[1]), ARGV[2]) == 1 then released(ARGV[1], 1) end
return 1
`);

/** ARGV: lane, kind of job, durations (JSON). */
export const keepDurations: LuaScript = luaScript(
  `return redis.call('HSET', KEYS[1] .. ':durations:' .. ARGV[1], ARGV[2], ARGV[3])`,
);

/** ARGV: lane. Returns kinds and durations (JSON), alternating. */
export const recallDurations: LuaScript = luaScript(
  `return redis.call('HGETALL', KEYS[1] .. ':durations:' .. ARGV[1])`,
);

/** ARGV: lane, grace. Returns { releases, holders }. */
export const lookAtLane: LuaScript = luaScript(`${lanes}
settle(ARGV[1], tonumber(ARGV[2]))
return { releases(ARGV[1]), holders(ARGV[1]) }
`);

const learned = `
local function learnedKey(lane) return base .. ':learned:' .. lane end
local function record(lane, about)
  local value = redis.call('HGET', learnedKey(lane), about)
  if not value then return '0', now, '' end
  local revision, kept, learned = string.match(value, '^(%d+) (%d+) (.*)$')
  return revision, tonumber(kept), learned
end
`;

/**
 * ARGV: lane, grace, about. Returns { revision (0: nothing is kept), its age in milliseconds, what was learned, permits }; each
 * permit has key, fence, owner and phase, the oldest grant first.
 */
export const snapshotLane: LuaScript = luaScript(`${lanes}${learned}
local lane, grace, about = unpack(ARGV)
settle(lane, tonumber(grace))
local permits, phases = holders(lane), redis.call('HGETALL', phaseKey(lane))
local phaseOf = {}
for i = 1, #phases, 2 do phaseOf[phases[i]] = phases[i + 1] end
for _, permit in ipairs(permits) do permit[4] = phaseOf[permit[1]] or 'waiting' end
table.sort(permits, function(a, b) return tonumber(a[2]) < tonumber(b[2]) end)
local revision, kept, words = record(lane, about)
return { revision, text(math.max(0, now - kept)), words, permits }
`);

/**
 * ARGV: lane, about, revision, what was learned, 1 to wake waiters, then key and phase of each permit. Returns 1, or 0 if the
 * kept revision differs.
 */
export const compareAndSetLearned: LuaScript = luaScript(`${lanes}${learned}
local lane, about, revision, words, wake = unpack(ARGV)
if record(lane, about) ~= revision then return 0 end
redis.call('HSET', learnedKey(lane), about, text(revision + 1) .. ' ' .. text(now) .. ' ' .. words)
redis.call('PEXPIRE', learnedKey(lane), ${7 * 86_400_000})
for i = 6, #ARGV, 2 do
  if redis.call('HEXISTS', heldKey(lane), ARGV[i]) == 1 then redis.call('HSET', phaseKey(lane), ARGV[i], ARGV[i + 1]) end
end
if wake == '1' then released(lane, 1) end
return 1
`);

/**
 * ARGV: lane, kind, requests per second. Returns how long to wait, in milliseconds, as text. The generic cell rate algorithm
 * without a burst; see https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm.
 */
export const reserveRate: LuaScript = luaScript(`
local key, distance = KEYS[1] .. ':rate:' .. ARGV[2] .. ':' .. ARGV[1], 1000 / tonumber(ARGV[3])
local state = redis.call('HMGET', key, 'next', 'seen')
local setBack = math.max(0, tonumber(state[2] or now) - now)
local reserved = math.max(now, tonumber(state[1] or now) - setBack)
redis.call('HSET', key, 'next', string.format('%.3f', reserved + distance), 'seen', string.format('%.3f', now))
redis.call('PEXPIRE', key, text(reserved - now + distance + 60000))
return string.format('%.3f', reserved - now)
`);
