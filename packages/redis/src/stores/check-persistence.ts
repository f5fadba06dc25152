import type { RedisConnection } from '../connection/redis-connection.ts';

/** What a server says of how it keeps its data; undefined where it may not be asked. */
export interface RedisPersistence {
  /** Whether every write goes to the append-only file. */
  readonly appendOnly: boolean | undefined;
  /** When that file reaches the disk: `always`, `everysec` (up to a second is lost when the machine fails) or `no`. */
  readonly appendFsync: string | undefined;
  /** What happens when memory is full; anything but `noeviction` may drop the record of what is paid. */
  readonly maxMemoryPolicy: string | undefined;
  /** What is wrong with it, for people. Empty when all is well or nothing is known. */
  readonly problems: readonly string[];
}

/** Asks the server how it keeps its data. See https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/. */
export async function checkPersistence(connection: RedisConnection): Promise<RedisPersistence> {
  const [appendonly, appendFsync, maxMemoryPolicy, maxMemory] = await Promise.all(
    ['appendonly', 'appendfsync', 'maxmemory-policy', 'maxmemory'].map((name) => connection.configuration(name)),
  );
  const problems: string[] = [];
  const { location } = connection;
  if (appendonly === 'no') {
    problems.push(
      `The Redis server ${location} does not write an append-only file: when it stops, the record of what is paid is gone, and images may be paid twice. Set "appendonly yes" in redis.conf, or run CONFIG SET appendonly yes and CONFIG REWRITE.`,
    );
  } else if (appendonly === 'yes' && appendFsync === 'no') {
    problems.push(
      `The Redis server ${location} leaves it to the system when its append-only file reaches the disk. Set "appendfsync everysec", or "always" so that no write is ever lost.`,
    );
  }
  if (
    maxMemory !== undefined &&
    maxMemory !== '0' &&
    maxMemoryPolicy !== undefined &&
    maxMemoryPolicy !== 'noeviction'
  ) {
    problems.push(
      `The Redis server ${location} drops keys when its memory is full (maxmemory-policy ${maxMemoryPolicy}), also those that record what is paid. Set maxmemory-policy noeviction.`,
    );
  }
  return {
    appendOnly: appendonly === undefined ? undefined : appendonly === 'yes',
    appendFsync,
    maxMemoryPolicy,
    problems,
  };
}
