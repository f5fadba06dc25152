import { Redis } from 'ioredis';
import { RedisConnection, type RedisReply } from '../connection/redis-connection.ts';
import { resolveConnectionOptions, type RedisConnectionOptions } from '../connection/redis-options.ts';
import type { LuaScript } from '../scripts/lua-script.ts';
import { queuePrefixOf } from './queue-names.ts';

/** How BullMQ's connections come back: soon, and without end. */
const reconnectMaxMs = 1000;
/** How long BullMQ may take to close, in milliseconds. */
const closeMs = 5000;

/** What a queue and its workers need of a server: scripts, and connections for BullMQ. */
export class QueueConnection {
  readonly redis: RedisConnection;
  /** What BullMQ's keys begin with; also the base of the keys beside them. */
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

  /** A connection whose calls wait for the server without end, as BullMQ's blocking calls must. */
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

  /** Closes once BullMQ has done so; without a server, which BullMQ would wait for, at once. */
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
    // What fails shows in the calls; an error without a listener would be printed.
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }
}
