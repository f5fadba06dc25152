export { ResultCache } from './result-cache.ts';
export type { ResultCacheOptions, ResultCacheStatus } from './result-cache.ts';
