import type { ImageWarning } from '@holodeck/core';
import { invalidRequest } from '@holodeck/core/backend';
import type { Redis } from 'ioredis';
import { say } from './connection-messages.ts';
import { parseRedisUrl, type RedisAddress } from './redis-url.ts';

/** How to reach a Redis or Valkey server: exactly one of `url` and `client`. Durations are in milliseconds. */
export interface RedisConnectionOptions {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS; `valkey://` and `valkeys://` mean the same. */
  readonly url?: string;
  /** The caller's own ioredis client. The caller closes it, and its options decide how it reconnects. */
  readonly client?: Redis;
  /**
   * Separates independent users of one server: all keys begin with `{<prefix>}:`. Processes that share work use the same
   * prefix. Default: the URL's `?prefix=`, else `"holodeck"`.
   */
  readonly prefix?: string;
  /** The longest wait for the first connection. Default 5000. */
  readonly connectTimeoutMs?: number;
  /**
   * How long a call waits for a server that is down before it fails with kind `storage`. Calls survive a restart that is
   * shorter. `Infinity` never gives up. Default 20 000.
   */
  readonly maxOutageMs?: number;
  /** Called when the server does not keep its data on disk, or when a lease was lost. */
  readonly onWarning?: (warning: ImageWarning) => void;
}

/** The options with defaults filled in. */
export interface ResolvedConnectionOptions {
  readonly address: RedisAddress | undefined;
  readonly client: Redis | undefined;
  readonly prefix: string;
  readonly connectTimeoutMs: number;
  readonly maxOutageMs: number;
  readonly onWarning: (warning: ImageWarning) => void;
}

/** @throws {ImageError} kind `invalid-request`. */
export function resolveConnectionOptions(options: RedisConnectionOptions): ResolvedConnectionOptions {
  const { url, client, connectTimeoutMs = 5000, maxOutageMs = 20_000 } = options;
  if ((url === undefined) === (client === undefined)) {
    throw invalidRequest(say('url-or-client'));
  }
  const address = url === undefined ? undefined : parseRedisUrl(url);
  const prefix = options.prefix ?? address?.prefix ?? 'holodeck';
  if (!/^[A-Za-z0-9_.-]{1,100}$/.test(prefix)) {
    throw invalidRequest(say('prefix-characters', { prefix: JSON.stringify(prefix) }));
  }
  for (const [name, value] of Object.entries({ connectTimeoutMs, maxOutageMs })) {
    if (typeof value !== 'number' || !(value > 0)) {
      throw invalidRequest(say('duration-positive', { name, value: String(value) }));
    }
  }
  const { onWarning = () => undefined } = options;
  return { address, client, prefix, connectTimeoutMs, maxOutageMs, onWarning };
}
