import { Redis } from 'ioredis';
import { RedisConnection, type RedisReply } from '../connection/redis-connection.ts';
import { resolveConnectionOptions, type RedisConnectionOptions } from '../connection/redis-options.ts';
import type { LuaScript } from '../scripts/lua-script.ts';
import { queuePrefixOf } from './queue-names.ts';

/** BullMQ's connections reconnect for ever, at most this far apart. */
const reconnectMaxMs = 1000;
/** How long BullMQ may take to close, in milliseconds. */
const closeMs = 5000;

/** The connections of a queue or a worker: one for scripts, and those of BullMQ. */
export class QueueConnection {
  readonly redis: RedisConnection;
  /** BullMQ's keys, and the keys beside them, begin with it. */
  readonly prefix: string;
  readonly #create: (maxRetriesPerRequest: number | null) => Redis;
  readonly #clients: Redis[] = [];

  private constructor(redis: RedisConnection, create: (maxRetriesPerRequest: number | null) => Redis) {
    this.redis = redis;
    this.prefix = queuePrefixOf(redis.prefix);
    this.#create = create;
  }

  /** @throws {ImageError} kind `storage` when the server cannot be reached. */
  static async open(options: RedisConnectionOptions): Promise<QueueConnection> {
    const redis = await RedisConnection.open(options);
    const { address, client } = resolveConnectionOptions(options);
    const retryStrategy = (times: number): number => Math.min(reconnectMaxMs, 50 * times);
    return new QueueConnection(redis, (maxRetriesPerRequest) => {
      const settings = { maxRetriesPerRequest, retryStrategy, connectionName: 'holodeck-queue', lazyConnect: false };
      return address === undefined
        ? (client as Redis).duplicate({ ...settings, enableOfflineQueue: true })
        : new Redis(address.url, settings);
    });
  }

  /** A connection whose calls wait for the server for ever, as BullMQ's blocking calls must. */
  patient(): Redis {
    return this.#add(this.#create(null));
  }

  /** A connection whose calls fail after about `maxOutageMs`. */
  bounded(maxOutageMs: number): Redis {
    const tries = Number.isFinite(maxOutageMs) ? Math.ceil(maxOutageMs / reconnectMaxMs) + 10 : null;
    return this.#add(this.#create(tries));
  }

  async run(script: LuaScript, args: readonly (string | number)[]): Promise<RedisReply> {
    return this.redis.run(script, [this.prefix], args);
  }

  /** Closes after BullMQ has; immediately if the server is down, because BullMQ would wait for it. */
  async closeAfter(work: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, this.redis.isReady ? closeMs : 0);
    });
    work.catch(() => undefined);
    await Promise.race([work, late]);
    clearTimeout(timer);
    await this.close();
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.redis.close();
  }

  #add(client: Redis): Redis {
    // Calls report their failures; an error without a listener would be printed.
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }
}
