import type { ImageClient, Logger } from '@holodeck/core';
import type { Lane } from '@holodeck/core/backend';
import type { ImageArchive } from '../archive/image-archive.ts';
import type { RedisConnectionOptions } from '../connection/redis-options.ts';

/** What `createImageWorker` takes. Durations are in milliseconds. */
export interface ImageWorkerOptions extends Omit<RedisConnectionOptions, 'url' | 'client'> {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. */
  readonly url: string;
  /**
   * Does the work. It needs the store of `openRedisStore` and the permits of `openRedisPermits`, so that any worker can go
   * on where another one was killed, and an `outputDir` that all machines reach, or any folder beside an `archive`. The
   * caller closes it, after the worker.
   */
  readonly client: ImageClient;
  /** The lane whose queue is worked on. Default: the only lane of the client's backend. */
  readonly lane?: Lane;
  /**
   * Where finished images are kept, for machines without a common folder: `await openImageArchive(url)`. Results then tell
   * the address there as `path`. The caller closes it, after the worker. Default: images stay in `outputDir`.
   */
  readonly archive?: ImageArchive;
  /**
   * The most jobs that are taken at once over all workers of the queue. Default: what the workers' clients have learned of
   * the account's limit, up to their `maxConcurrent`, and `ahead` more. The permits keep the account's limit in any case.
   */
  readonly limit?: number;
  /**
   * Jobs that are taken from the queue beyond the limit, over all workers, so that a place at the provider is filled at once
   * while another job's image is still being fetched. A task of higher priority does not overtake these. Default 1.
   */
  readonly ahead?: number;
  /**
   * The folder below which files lie that queued tasks may name: references by path, and OpenAI's `mask` and `markup`. Links
   * are followed and must end there too. Default: the `outputDir` of the client. Bytes in a task need no folder.
   */
  readonly allowReferences?: string;
  /** Jobs that this worker takes at once. Default: as many as all workers together may. */
  readonly concurrency?: number;
  /**
   * How long a worker that gives no sign keeps its jobs. A job is taken over after it and one look of `stalledIntervalMs`.
   * Default 3000.
   */
  readonly lockMs?: number;
  /** How often jobs of dead workers are looked for. Default 500. */
  readonly stalledIntervalMs?: number;
  /** How long finished jobs and their results are kept, in milliseconds. Default one day. */
  readonly keepFinishedMs?: number;
  /** Default: silent. */
  readonly logger?: Logger;
}
