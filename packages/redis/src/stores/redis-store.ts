import type { Store } from '@holodeck/core/stores';
import { RedisConnection } from '../connection/redis-connection.ts';
import type { RedisConnectionOptions } from '../connection/redis-options.ts';
import { checkPersistence } from './check-persistence.ts';
import { RedisOwners } from './redis-owners.ts';
import { RedisSessions } from './redis-sessions.ts';
import { RedisTasks } from './redis-tasks.ts';

/** What `openRedisStore` takes. */
export type RedisStoreOptions = RedisConnectionOptions;

/**
 * Opens the tasks and sessions that several machines share through one Redis or Valkey server (6.2 or newer). `onWarning` is
 * called when the server does not keep its data on disk.
 *
 * ```ts
 * const store = await openRedisStore({ url: 'redis://127.0.0.1:6379/0' });
 * const client = new ImageClient(backend, { store, outputDir: '/mnt/pictures' });
 * ```
 * @throws {ImageError} of kind `storage` when the server cannot be reached or refuses the login; `invalid-request` for a wrong
 * option. No message contains the password.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const connection = await RedisConnection.open(options);
  try {
    for (const problem of await checkPersistence(connection)) options.onWarning?.({ code: 'storage', ...problem });
    const owners = new RedisOwners(connection);
    return {
      kind: 'redis',
      durable: true,
      location: `${connection.location} (prefix ${connection.prefix.slice(1, -1)})`,
      tasks: new RedisTasks(connection, (ownerId) => owners.isAlive(ownerId)),
      sessions: new RedisSessions(connection),
      registerOwner: (owner) => owners.register(owner),
      isOwnerAlive: (ownerId) => owners.isAlive(ownerId),
      isOwnerSilent: (ownerId) => owners.isSilent(ownerId),
      async close() {
        await owners.close();
        await connection.close();
      },
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
