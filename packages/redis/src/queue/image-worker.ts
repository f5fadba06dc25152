import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  ImageError,
  type GenerationResult,
  type ImageClient,
  type Lane,
  type Logger,
  type TaskEvent,
} from '@holodeck/core';
import { DelayedError, Queue, UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import type { RedisConnectionOptions } from '../connection/redis-options.ts';
import { describeQueue, forgetCancel, isCancelRequested } from '../scripts/queue-scripts.ts';
import { decodeTask, encodeEvent, encodeResult, type ImageJobData, type ImageJobResult } from './image-job.ts';
import { QueueConnection } from './queue-connection.ts';
import { queueNameOf } from './queue-names.ts';
import { requeueDelayMs } from './requeue.ts';
import { autoLimit, SharedLimit } from './shared-limit.ts';
import type { ImageWorkerOptions } from './worker-options.ts';

type ImageJob = Job<ImageJobData, ImageJobResult>;

const silent = (): void => undefined;
const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: silent };

/** How long `close` waits for jobs by default, in milliseconds. */
const defaultGraceMs = 30_000;
/** After so many jobs in a row that the client could not store, the worker gives up. */
const mostStorageFailures = 5;

/** Counts since the worker began. */
export interface ImageWorkerStats {
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
  /** Jobs that were put back: refused for long, or interrupted. */
  readonly requeued: number;
  /** Jobs that were taken over from workers that died. */
  readonly takenOver: number;
}

/**
 * Works on the queue of a lane until it is closed. Several workers, on several machines, share one queue; one that is
 * killed loses nothing and pays nothing twice, because a job's state is in the shared store and any other worker goes on
 * from there.
 *
 * ```ts
 * const url = 'redis://redis.studio:6379';
 * const [store, permits] = [await openRedisStore({ url }), await openRedisPermits({ url })];
 * const client = createHunyuanClient({ store, permits, outputDir: '/mnt/pictures' });
 * const worker = await createImageWorker({ url, client });
 * process.once('SIGTERM', () => worker.close());
 * await worker.finished;
 * ```
 * @throws {ImageError} kind `invalid-request` for a client that cannot be worked with; `storage` when the server cannot
 * be reached.
 */
export async function createImageWorker(options: ImageWorkerOptions): Promise<ImageWorker> {
  const lane = checkedLane(options);
  await checkClient(options.client);
  const connection = await QueueConnection.open(connectionOptions(options));
  try {
    const { backend } = options.client;
    const described = { lane: lane.id, label: lane.label, backend: backend.name, model: backend.model };
    await connection.run(describeQueue, [queueNameOf(lane), JSON.stringify(described)]);
    const worker = new ImageWorker(connection, lane, options);
    await worker.start();
    return worker;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** A worker of one lane. Make it with `createImageWorker`. */
export class ImageWorker {
  readonly name: string;
  readonly lane: string;
  /** Resolves when the worker was closed; rejects when it could not go on. */
  readonly finished: Promise<void>;
  readonly #connection: QueueConnection;
  readonly #client: ImageClient;
  readonly #logger: Logger;
  readonly #queue: Queue<ImageJobData, ImageJobResult>;
  readonly #worker: Worker<ImageJobData, ImageJobResult>;
  readonly #limit: SharedLimit;
  readonly #running = new Map<string, AbortController>();
  readonly #shutdown = new AbortController();
  readonly #finished = Promise.withResolvers<void>();
  readonly #counts = { completed: 0, failed: 0, requeued: 0, takenOver: 0 };
  #storageFailures = 0;
  #closing: Promise<void> | undefined;

  constructor(connection: QueueConnection, lane: Lane, options: ImageWorkerOptions) {
    const {
      client,
      lockMs = 3000,
      stalledIntervalMs = 1000,
      maxTakeOvers = 100,
      keepFinishedMs = 86_400_000,
    } = options;
    this.name = queueNameOf(lane);
    this.lane = lane.id;
    this.finished = this.#finished.promise;
    this.finished.catch(() => undefined);
    this.#connection = connection;
    this.#client = client;
    this.#logger = options.logger ?? silentLogger;
    const limit = limitOf(options, lane);
    const { prefix } = connection;
    const keep = { age: Math.ceil(keepFinishedMs / 1000), count: 100_000 };
    this.#queue = new Queue(this.name, { connection: connection.patient(), prefix });
    this.#worker = new Worker(this.name, (job, token, signal) => this.#process(job, token, signal), {
      connection: connection.patient(),
      prefix,
      autorun: false,
      concurrency: options.concurrency ?? limit,
      lockDuration: lockMs,
      stalledInterval: stalledIntervalMs,
      maxStalledCount: maxTakeOvers,
      // An idle worker looks again this often (s), also when it was told nothing.
      drainDelay: 1,
      runRetryDelay: 1000,
      removeOnComplete: keep,
      removeOnFail: keep,
    });
    this.#queue.on('error', (error) => this.#onError(error));
    this.#worker.on('error', (error) => this.#onError(error));
    this.#worker.on('stalled', () => {
      this.#counts.takenOver += 1;
    });
    const worker = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
    const figures = (): ImageWorkerStats => this.stats();
    const shared = { connection, queue: this.#queue, client, lane: lane.id, worker, most: limit, figures };
    this.#limit = new SharedLimit({ ...shared, logger: this.#logger });
  }

  /** Begins to work; `createImageWorker` has done it. */
  async start(): Promise<void> {
    await this.#connection.redis.subscribe(`${this.#connection.prefix}:cancel:${this.name}`, (jobId) => {
      this.#running.get(jobId)?.abort(cancelled);
    });
    await this.#limit.start();
    this.#worker.run().catch((error: unknown) => this.#onError(error));
    await this.#worker.waitUntilReady();
  }

  stats(): ImageWorkerStats {
    return { active: this.#running.size, ...this.#counts };
  }

  /** How the queue stands that this worker works on. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    return this.#queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'completed', 'failed');
  }

  /**
   * Takes no more jobs, and waits for those that run. After `graceMs` (default 30 000) they are interrupted: they go back
   * into the queue, and what was accepted is collected by whoever takes them next.
   */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.graceMs ?? defaultGraceMs);
    await this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#shutdown.abort(interrupted), graceMs);
    try {
      await this.#worker.close();
      await this.#limit.stop().catch(() => undefined);
      await this.#queue.close();
    } finally {
      clearTimeout(timer);
      await this.#connection.close();
      this.#finished.resolve();
    }
  }

  async #process(job: ImageJob, token = '', lost?: AbortSignal): Promise<ImageJobResult> {
    const id = job.id ?? '';
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      if ((await this.#connection.run(isCancelRequested, [this.name, id])) === 1) controller.abort(cancelled);
      const signals = [controller.signal, this.#shutdown.signal, ...(lost === undefined ? [] : [lost])];
      const result = await this.#client.generate(decodeTask(job.data.task), {
        signal: AbortSignal.any(signals),
        onProgress: (event) => this.#onProgress(job, event),
      });
      return await this.#settle(job, token, result, controller.signal.aborted);
    } finally {
      this.#running.delete(id);
      if (controller.signal.aborted) {
        await this.#connection.run(forgetCancel, [this.name, id]).catch(() => undefined);
      }
    }
  }

  /** Ends the job, or puts it back: BullMQ takes the errors thrown here for that. */
  async #settle(
    job: ImageJob,
    token: string,
    result: GenerationResult,
    wasCancelled: boolean,
  ): Promise<ImageJobResult> {
    if (result.success) {
      this.#storageFailures = 0;
      this.#counts.completed += 1;
      return encodeResult(result);
    }
    const { error } = result;
    if (this.#shutdown.signal.aborted && error.kind === 'aborted' && !wasCancelled) {
      this.#counts.requeued += 1;
      await job.moveToWait(token);
      throw new WaitingError();
    }
    this.#noteStorage(error);
    const requeues = job.data.requeues ?? 0;
    const delayMs = wasCancelled ? undefined : requeueDelayMs(error, requeues);
    if (delayMs !== undefined) {
      this.#counts.requeued += 1;
      this.#logger.info({ taskId: result.taskId, kind: error.kind, delayMs }, 'a job was put back into the queue');
      await job.updateData({ ...job.data, requeues: requeues + 1 });
      await job.moveToDelayed(Date.now() + delayMs, token);
      throw new DelayedError();
    }
    this.#counts.failed += 1;
    await job.updateData({ ...job.data, failure: encodeResult(result) });
    throw new UnrecoverableError(error.message);
  }

  #onProgress(job: ImageJob, event: TaskEvent): void {
    if (event.type === 'state' && event.state === 'ended') this.#limit.jobEnded();
    if (event.type === 'state' && event.state === 'rejected') this.#limit.refused();
    const json = encodeEvent(event);
    if (json !== undefined) job.updateProgress(json).catch((error: unknown) => this.#onError(error));
  }

  /** A client that could not write what it had paid for starts nothing new: then this worker is of no use any more. */
  #noteStorage(error: ImageError): void {
    this.#storageFailures = error.kind === 'storage' ? this.#storageFailures + 1 : 0;
    if (this.#storageFailures < mostStorageFailures) return;
    this.#logger.error({ kind: error.kind }, `the worker stops: ${error.message}`);
    this.#finished.reject(error);
    void this.close({ graceMs: 0 });
  }

  #onError(error: unknown): void {
    // BullMQ tells of every lost connection and lock here, and goes on by itself.
    this.#logger.debug({ error: String(error) }, 'the queue reported an error');
  }
}

const cancelled = new Error('The task was cancelled.');
const interrupted = new Error('The worker was stopped.');

function connectionOptions({ client: _client, ...options }: ImageWorkerOptions): RedisConnectionOptions {
  return options;
}

function checkedLane({ client, lane }: ImageWorkerOptions): Lane {
  const { lanes, name } = client.backend;
  const chosen = lane === undefined ? lanes[0] : lanes.find(({ id }) => id === lane.id);
  if (chosen === undefined)
    throw invalid(`The backend ${name} has no lane ${lane?.id ?? ''}. It has ${lanes.map(({ id }) => id).join(', ')}.`);
  if (lane === undefined && lanes.length > 1) {
    throw invalid(
      `The backend ${name} has ${lanes.length} lanes. Say which one this worker is for (lane), and start one for each.`,
    );
  }
  return chosen;
}

async function checkClient(client: ImageClient): Promise<void> {
  const store = await client.openStore();
  if (!store.durable) {
    throw invalid('The client of a worker needs a store that outlives it: pass store: await openRedisStore({ url }).');
  }
  if (client.outputDir === undefined) {
    throw invalid(
      'The client of a worker needs an outputDir, a folder that all machines reach: images are files there.',
    );
  }
}

function limitOf({ client, limit }: ImageWorkerOptions, lane: Lane): number {
  if (limit === 'auto') return autoLimit;
  if (limit !== undefined) {
    if (Number.isSafeInteger(limit) && limit >= 1) return limit;
    throw invalid(`The option limit is ${String(limit)}; it must be a whole number from 1, or "auto".`);
  }
  return client.stats().lanes.find((stats) => stats.lane === lane.id)?.limit ?? lane.defaultMaxConcurrent;
}

function invalid(message: string): ImageError {
  return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', message });
}
