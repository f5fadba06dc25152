export type { CacheHeader, CachedImage } from './cache-entry.ts';
export { ResultCache } from './result-cache.ts';
export type {
  ImageToCache,
  OpenEntry as OpenCacheEntry,
  ResultCacheOptions,
  ResultCacheStatus,
} from './result-cache.ts';
