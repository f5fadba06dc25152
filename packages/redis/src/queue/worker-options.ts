import type { ImageClient, Lane, Logger } from '@holodeck/core';
import type { RedisConnectionOptions } from '../connection/redis-options.ts';

/** What `createImageWorker` takes. Durations are in milliseconds. */
export interface ImageWorkerOptions extends Omit<RedisConnectionOptions, 'url' | 'client'> {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. */
  readonly url: string;
  /**
   * Does the work. It needs an `outputDir` that all machines reach, the store of `openRedisStore` and the permits of
   * `openRedisPermits`: so that any worker can go on where another one was killed. The caller closes it, after the worker.
   */
  readonly client: ImageClient;
  /** The lane whose queue is worked on. Default: the only lane of the client's backend. */
  readonly lane?: Lane;
  /**
   * Jobs at once over all workers of the queue; `"auto"` starts high and follows the refusals. Default: the client's own
   * limit. The permits keep the account's limit also when this is higher.
   */
  readonly limit?: number | 'auto';
  /** Jobs that this worker takes at once. Default: `limit`. */
  readonly concurrency?: number;
  /**
   * How long a worker that gives no sign keeps its jobs. A job is taken over after it and one look of `stalledIntervalMs`.
   * Default 3000.
   */
  readonly lockMs?: number;
  /** How often jobs of dead workers are looked for. Default 1000. */
  readonly stalledIntervalMs?: number;
  /** How often a job may be taken over from a worker that died with it before it is given up. Default 100. */
  readonly maxTakeOvers?: number;
  /** How long finished jobs and their results are kept, in milliseconds. Default one day. */
  readonly keepFinishedMs?: number;
  /** Default: silent. */
  readonly logger?: Logger;
}
