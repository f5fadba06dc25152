import { openRedisPermits, openRedisStore, type RedisPermitsOptions, type RedisStoreOptions } from '@holodeck/redis';
import type { PermitStore, Store } from '@holodeck/core/stores';

/** What other processes of a suite import. */
export async function openStore(options: RedisStoreOptions): Promise<Store> {
  return openRedisStore(options);
}

export async function openPermits(options: RedisPermitsOptions): Promise<PermitStore> {
  return openRedisPermits(options);
}
