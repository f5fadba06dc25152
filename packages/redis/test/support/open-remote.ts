import type { PermitStore, Store } from '@holodeck/core/stores';
import type { RedisPermitsOptions, RedisStoreOptions } from '@holodeck/redis';
// Only the stores: a process of a suite needs no queue.
import { openRedisPermits } from '../../src/stores/redis-permits.ts';
import { openRedisStore } from '../../src/stores/redis-store.ts';

/** What other processes of a suite import. */
export async function openStore(options: RedisStoreOptions): Promise<Store> {
  return openRedisStore(options);
}

export async function openPermits(options: RedisPermitsOptions): Promise<PermitStore> {
  return openRedisPermits(options);
}
