import { luaScript, type LuaScript } from './lua-script.ts';

// KEYS[1] is the base: <base>:lanes has each queue's lane, <base>:workers:<queue> the reports of its workers;
// <base>:cancel:<queue>:<job> and the channel <base>:cancel:<queue> request that a job is cancelled.

/** ARGV: queue, its lane (JSON). */
export const describeQueue: LuaScript = luaScript(`return redis.call('HSET', KEYS[1] .. ':lanes', ARGV[1], ARGV[2])`);

/** Returns queues and their lanes (JSON), alternating. */
export const listQueueLanes: LuaScript = luaScript(`return redis.call('HGETALL', KEYS[1] .. ':lanes')`);

/** ARGV: queue, worker, its report (JSON) or '' to remove it, age at which reports expire (ms). Returns all reports. */
export const reportWorker: LuaScript = luaScript(`
local workers, worker, report = KEYS[1] .. ':workers:' .. ARGV[1], ARGV[2], ARGV[3]
if report ~= '' then redis.call('HSET', workers, worker, text(now) .. ' ' .. report)
elseif worker ~= '' then redis.call('HDEL', workers, worker) end
local reports, all = {}, redis.call('HGETALL', workers)
for i = 1, #all, 2 do
  local at, body = string.match(all[i + 1], '^(%d+) (.*)$')
  if not at or now - tonumber(at) > tonumber(ARGV[4]) then redis.call('HDEL', workers, all[i])
  else reports[#reports + 1] = body end
end
return reports
`);

/** ARGV: queue, job, how long to keep the request (ms). */
export const requestCancel: LuaScript = luaScript(`
redis.call('SET', KEYS[1] .. ':cancel:' .. ARGV[1] .. ':' .. ARGV[2], 1, 'PX', ARGV[3])
return redis.call('PUBLISH', KEYS[1] .. ':cancel:' .. ARGV[1], ARGV[2])
`);

/** ARGV: queue, jobs. Returns those with a cancel request. */
export const requestedCancels: LuaScript = luaScript(`
local found = {}
for i = 2, #ARGV do
  if redis.call('EXISTS', KEYS[1] .. ':cancel:' .. ARGV[1] .. ':' .. ARGV[i]) == 1 then found[#found + 1] = ARGV[i] end
end
return found
`);

/** ARGV: queue, job. */
export const forgetCancel: LuaScript = luaScript(
  `return redis.call('DEL', KEYS[1] .. ':cancel:' .. ARGV[1] .. ':' .. ARGV[2])`,
);

/** ARGV: queue. Returns the id of the last event in BullMQ's stream, `0-0` without one. */
export const lastEventId: LuaScript = luaScript(`
local last = redis.call('XREVRANGE', KEYS[1] .. ':' .. ARGV[1] .. ':events', '+', '-', 'COUNT', 1)
return last[1] and last[1][1] or '0-0'
`);

/**
 * ARGV: queue. Replaces the fields of running jobs that have a field that is not JSON. Without data, the worker that takes
 * such a job fails it.
 */
export const mendJobs: LuaScript = luaScript(`
local base, mended = KEYS[1] .. ':' .. ARGV[1] .. ':', 0
for _, id in ipairs(redis.call('LRANGE', base .. 'active', 0, -1)) do
  for _, field in ipairs({ 'data', 'opts', 'progress' }) do
    local value = redis.call('HGET', base .. id, field)
    if value and not pcall(cjson.decode, value) then
      redis.call('HSET', base .. id, 'data', '{}', 'opts', '{"attempts":1}', 'progress', '0')
      mended = mended + 1
    end
  end
end
return mended
`);

/** ARGV: queue, reason. Returns ids of tasks that failed for this reason, the latest first; job ids of large or damaged ones. */
export const listGivenUp: LuaScript = luaScript(`
local base, found = KEYS[1] .. ':' .. ARGV[1] .. ':', {}
for _, id in ipairs(redis.call('ZREVRANGE', base .. 'failed', 0, 999)) do
  if redis.call('HGET', base .. id, 'failedReason') == ARGV[2] and #found < 100 then
    local name = id
    if redis.call('HSTRLEN', base .. id, 'data') <= 1048576 then
      local read, data = pcall(cjson.decode, redis.call('HGET', base .. id, 'data'))
      if read and type(data) == 'table' and type(data.task) == 'table' and type(data.task.taskId) == 'string' then
        name = data.task.taskId
      end
    end
    found[#found + 1] = name
  end
end
return found
`);
