export type { RedisConnectionOptions } from './connection/redis-options.ts';
export { openRedisPermits } from './stores/redis-permits.ts';
export type { RedisPermitsOptions } from './stores/redis-permits.ts';
export { openRedisStore } from './stores/redis-store.ts';
export type { RedisStoreOptions } from './stores/redis-store.ts';
