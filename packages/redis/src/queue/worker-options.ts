import type { ImageClient, Logger } from '@holodeck/core';
import type { Lane } from '@holodeck/core/backend';
import type { ImageArchive } from '../archive/image-archive.ts';
import type { RedisConnectionOptions } from '../connection/redis-options.ts';

/** What `createImageWorker` takes. Durations are in milliseconds. */
export interface ImageWorkerOptions extends Omit<RedisConnectionOptions, 'url' | 'client'> {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. */
  readonly url: string;
  /**
   * Makes the images. It needs the store of `openRedisStore` and the permits of `openRedisPermits`, so that any worker can
   * continue the work of a dead one, and an `outputDir` that all machines reach (with an `archive`, any folder). The caller
   * closes it, after the worker.
   */
  readonly client: ImageClient;
  /** The lane to serve. Default: the only lane of the client's backend. */
  readonly lane?: Lane;
  /**
   * Where to keep finished images, for machines without a shared folder: `await openImageArchive(url)`. The `path` in results
   * is then the address there. The caller closes it, after the worker. Default: images stay in `outputDir`.
   */
  readonly archive?: ImageArchive;
  /**
   * The most jobs at once over all workers of the queue. Default: the account's limit as the workers' clients have learned
   * it, up to their `maxConcurrent`, plus `ahead`. The permits enforce the account's limit in any case.
   */
  readonly limit?: number;
  /**
   * Jobs to take beyond the limit, over all workers, so that a free place at the provider is filled while another job's image
   * is still downloading. A task of higher priority does not overtake these. Default 1.
   */
  readonly ahead?: number;
  /**
   * The folder below which files lie that queued tasks may name: references by path, and OpenAI's `mask` and `markup`. Links
   * are followed and must end there too. Default: the `outputDir` of the client. Bytes in a task need no folder.
   */
  readonly allowReferences?: string;
  /** The most jobs that this worker runs at once. Default: as many as all workers together may. */
  readonly concurrency?: number;
  /**
   * How long a silent worker keeps its jobs. Another worker takes them over at the next check (`stalledIntervalMs`) after it.
   * A worker of a busy machine can be silent for seconds without being dead. Default 10 000.
   */
  readonly lockMs?: number;
  /** How often to check for jobs of dead workers. Default 500. */
  readonly stalledIntervalMs?: number;
  /** How long to keep finished jobs and their results. Default one day. */
  readonly keepFinishedMs?: number;
  /** Default: silent. */
  readonly logger?: Logger;
}
