import { createHash } from 'node:crypto';

/** A Lua script, which the server runs atomically. */
export interface LuaScript {
  readonly source: string;
  readonly sha1: string;
}

/** The server's clock in milliseconds, and numbers as text without an exponent. */
const prelude = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local function text(number) return string.format('%.0f', number) end
`;

/**
 * A script with the helpers `now` and `text`. All keys of a script begin with `KEYS[1]`, whose `{prefix}` puts them into one
 * slot. See https://redis.io/docs/latest/develop/programmability/eval-intro/.
 */
export function luaScript(body: string): LuaScript {
  const source = prelude + body;
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}
