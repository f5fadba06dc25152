import { Redis } from 'ioredis';
import type { LuaScript } from '../scripts/lua-script.ts';
import { say } from './connection-messages.ts';
import { isPassing, isRefusedLogin, storageError, toRedisError, unreachableError } from './redis-errors.ts';
import {
  resolveConnectionOptions,
  type RedisConnectionOptions,
  type ResolvedConnectionOptions,
} from './redis-options.ts';

/** A connection without a reply for this long counts as dead. */
const commandTimeoutMs = 10_000;
const reconnectMinMs = 50;
const reconnectMaxMs = 1000;
const retryMs = 20;

/** What a script returns. */
export type RedisReply = string | number | null | readonly RedisReply[];

/**
 * A connection that survives a restart of its server. A call waits for the server up to `maxOutageMs` and then fails; a
 * failed call never runs later. A call may reach the server twice when a connection breaks, so every script is idempotent.
 */
export class RedisConnection {
  /** For display and errors, without the password. */
  readonly location: string;
  /** All keys begin with it. */
  readonly prefix: string;
  readonly #client: Redis;
  readonly #own: boolean;
  readonly #options: ResolvedConnectionOptions;
  readonly #readyListeners = new Set<() => void>();
  #subscriber: Promise<Redis> | undefined;
  #lastError: unknown;
  #closed = false;

  private constructor(client: Redis, location: string, options: ResolvedConnectionOptions) {
    this.#client = client;
    this.#own = options.client === undefined;
    this.#options = options;
    this.location = location;
    this.prefix = `{${options.prefix}}`;
    client.on('error', this.#onError);
    client.on('ready', this.#onReady);
  }

  /** @throws {ImageError} kind `storage` when the server cannot be reached in time or refuses the login. */
  static async open(options: RedisConnectionOptions): Promise<RedisConnection> {
    const resolved = resolveConnectionOptions(options);
    const { address } = resolved;
    const client = resolved.client ?? createClient(address?.url ?? '', resolved.connectTimeoutMs);
    const { host = 'localhost', port = 6379 } = client.options;
    const connection = new RedisConnection(client, address?.location ?? `redis://${host}:${port}`, resolved);
    try {
      if (client.status === 'wait') client.connect().catch(connection.#onError);
      await connection.#untilReady(performance.now() + resolved.connectTimeoutMs, resolved.connectTimeoutMs);
      // ioredis also reports ready when the server refused the login or the database.
      await client.select(client.options.db ?? 0);
    } catch (error) {
      await connection.close();
      throw toRedisError(error, connection.location);
    }
    return connection;
  }

  /** Whether the server is reachable right now. */
  get isReady(): boolean {
    return !this.#closed && this.#client.status === 'ready';
  }

  /** Runs a script. `keys[0]` begins with the prefix. @throws {ImageError} kind `storage`. */
  async run(script: LuaScript, keys: readonly string[], args: readonly (string | number)[]): Promise<RedisReply> {
    return this.#attempt(async () => {
      const values = [...keys, ...args];
      try {
        return (await this.#client.evalsha(script.sha1, keys.length, ...values)) as RedisReply;
      } catch (error) {
        // A restarted server has lost its scripts.
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return (await this.#client.eval(script.source, keys.length, ...values)) as RedisReply;
      }
    });
  }

  /** A value of the server's configuration; undefined if the server does not allow the question. */
  async configuration(name: string): Promise<string | undefined> {
    return this.#attempt(async () => {
      try {
        return ((await this.#client.config('GET', name)) as string[])[1];
      } catch (error) {
        if (isPassing(error)) throw error;
        return undefined;
      }
    });
  }

  /** Calls `listener` each time the server is back. */
  onReady(listener: () => void): void {
    this.#readyListeners.add(listener);
  }

  /** Listens to a channel until the connection is closed, across reconnections. */
  async subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    this.#subscriber ??= this.#openSubscriber();
    const subscriber = await this.#subscriber;
    const onMessage = (from: string, message: string): void => {
      if (from === channel) listener(message);
    };
    subscriber.on('message', onMessage);
    try {
      await subscriber.subscribe(channel);
    } catch (error) {
      subscriber.off('message', onMessage);
      throw toRedisError(error, this.location);
    }
  }

  /** Closes the sockets; the caller's own client stays open. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#client.off('error', this.#onError);
    this.#client.off('ready', this.#onReady);
    this.#readyListeners.clear();
    const subscriber = await this.#subscriber?.catch(() => undefined);
    subscriber?.disconnect();
    if (!this.#own) return;
    this.#client.on('error', () => undefined);
    this.#client.disconnect();
  }

  readonly #onError = (error: unknown): void => {
    this.#lastError = error;
  };

  readonly #onReady = (): void => {
    this.#lastError = undefined;
    for (const listener of this.#readyListeners) listener();
  };

  async #openSubscriber(): Promise<Redis> {
    const subscriber = this.#client.duplicate({
      enableOfflineQueue: true,
      maxRetriesPerRequest: null,
      lazyConnect: false,
    });
    subscriber.on('error', () => undefined);
    // Messages sent while disconnected are lost, so waiters must check again.
    subscriber.on('ready', this.#onReady);
    return subscriber;
  }

  async #attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    const startedAtMs = performance.now();
    const { maxOutageMs } = this.#options;
    for (;;) {
      if (this.#closed) {
        throw storageError(say('connection-closed', { location: this.location }));
      }
      await this.#untilReady(startedAtMs + maxOutageMs, maxOutageMs);
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error)) throw toRedisError(error, this.location);
        if (performance.now() >= startedAtMs + maxOutageMs) throw unreachableError(this.location, maxOutageMs, error);
        // Everything else on this socket would time out as well.
        if (/Command timed out/.test(String(error)) && this.#own) this.#client.disconnect(true);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  async #untilReady(deadlineMs: number, waitMs: number): Promise<void> {
    while (this.#client.status !== 'ready') {
      if (this.#closed || this.#client.status === 'end' || isRefusedLogin(this.#lastError)) {
        throw toRedisError(this.#lastError ?? new Error('Connection is closed.'), this.location);
      }
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) throw unreachableError(this.location, waitMs, this.#lastError);
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.#client.off('ready', done);
          this.#client.off('error', done);
          resolve();
        };
        const timer = setTimeout(done, Math.min(leftMs, 1000));
        this.#client.once('ready', done);
        this.#client.once('error', done);
      });
    }
  }
}

function createClient(url: string, connectTimeoutMs: number): Redis {
  return new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    connectionName: 'holodeck',
    // This class retries calls, because it knows their deadline; a failed call must not run later.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(times - 1, 10)),
  });
}
