import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { ImageError, type GenerationResult, type ImageClient, type Logger, type TaskEvent } from '@holodeck/core';
import { isRecord, silentLogger, type Lane } from '@holodeck/core/backend';
import { DelayedError, Queue, UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import { KeptImages } from '../archive/kept-images.ts';
import type { RedisConnectionOptions } from '../connection/redis-options.ts';
import { describeQueue, forgetCancel, mendJobs } from '../scripts/queue-scripts.ts';
import { CancelWatch } from './cancel-watch.ts';
import {
  checkPayload,
  decodeTask,
  encodeEvent,
  encodeResult,
  type ImageJobData,
  type ImageJobResult,
} from './image-job.ts';
import { confineFiles } from './job-files.ts';
import { QueueConnection } from './queue-connection.ts';
import { say } from './queue-messages.ts';
import { queueNameOf } from './queue-names.ts';
import { givenUpReason, mostDeaths } from './given-up.ts';
import { requeueDelayMs } from './requeue.ts';
import { failureOfTask } from './task-failure.ts';
import { SharedLimit } from './shared-limit.ts';
import { checkFolders, checkedLane, resolveWorkerOptions } from './check-worker.ts';
import type { ImageWorkerOptions } from './worker-options.ts';

type ImageJob = Job<ImageJobData, ImageJobResult>;

/** How long `close` waits for jobs by default, in milliseconds. */
const defaultGraceMs = 30_000;
/** How long interrupted jobs may take to return to the queue, in milliseconds. */
const endingMs = 5000;
/** A worker closes without its server after so many checks at this interval (ms) found the server down. */
const awayLooks = 4;
const awayLookMs = 250;
/** The worker stops after so many jobs in a row that its client could not store. */
const mostStorageFailures = 5;

/** Counts since the worker started. */
export interface ImageWorkerStats {
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
  /** Jobs that returned to the queue: refused for long, or interrupted. */
  readonly requeued: number;
  /** Jobs taken over from workers that died. */
  readonly takenOver: number;
}

/**
 * Runs the jobs of a lane's queue until it is closed. Several workers, on several machines, share one queue. If one is
 * killed, nothing is lost or paid twice: the state of each job is in the shared store, and another worker continues.
 *
 * ```ts
 * const url = 'redis://redis.studio:6379';
 * const [store, permits] = [await openRedisStore({ url }), await openRedisPermits({ url })];
 * const client = createHunyuanClient({ store, permits, outputDir: '/mnt/pictures' });
 * const worker = await createImageWorker({ url, client });
 * process.once('SIGTERM', () => worker.close());
 * await worker.finished;
 * ```
 * @throws {ImageError} kind `invalid-request` for a client that cannot serve a worker; `storage` when the server cannot be
 * reached.
 */
export async function createImageWorker(options: ImageWorkerOptions): Promise<ImageWorker> {
  const lane = checkedLane(options);
  const numbers = resolveWorkerOptions(options);
  const files = await checkFolders(options);
  const connection = await QueueConnection.open(connectionOptions(options));
  try {
    const { backend } = options.client;
    const described = { lane: lane.id, label: lane.label, backend: backend.name, model: backend.model };
    await connection.run(describeQueue, [queueNameOf(lane), JSON.stringify(described)]);
    const worker = new ImageWorker(connection, lane, { ...options, allowReferences: files }, numbers);
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
  /**
   * Resolves when the worker is closed. Rejects when it cannot continue: with kind `budget` when its client may not spend
   * more (the task returns to the queue), with kind `storage` when it repeatedly could not write what was paid for.
   */
  readonly finished: Promise<void>;
  readonly #connection: QueueConnection;
  readonly #client: ImageClient;
  readonly #logger: Logger;
  /** The folder of files that tasks may name. */
  readonly #files: string;
  readonly #queue: Queue<ImageJobData, ImageJobResult>;
  readonly #worker: Worker<ImageJobData, ImageJobResult>;
  readonly #limit: SharedLimit;
  readonly #cancels: CancelWatch;
  readonly #kept: KeptImages | undefined;
  readonly #running = new Map<string, AbortController>();
  readonly #finished = Promise.withResolvers<void>();
  readonly #counts = { completed: 0, failed: 0, requeued: 0, takenOver: 0 };
  #storageFailures = 0;
  #isInterrupted = false;
  #closing: Promise<void> | undefined;

  constructor(
    connection: QueueConnection,
    lane: Lane,
    options: ImageWorkerOptions & { readonly allowReferences: string },
    numbers: ReturnType<typeof resolveWorkerOptions>,
  ) {
    const { client, archive, concurrency } = options;
    const { limit, ahead, lockMs, stalledIntervalMs, keepFinishedMs } = numbers;
    this.name = queueNameOf(lane);
    this.lane = lane.id;
    this.finished = this.#finished.promise;
    this.finished.catch(() => undefined);
    this.#connection = connection;
    this.#client = client;
    this.#logger = options.logger ?? silentLogger;
    this.#files = options.allowReferences;
    this.#kept = archive === undefined ? undefined : new KeptImages(archive, client.outputDir ?? '.');
    const { prefix } = connection;
    const keep = { age: Math.ceil(keepFinishedMs / 1000), count: 100_000 };
    this.#queue = new Queue(this.name, { connection: connection.patient(), prefix });
    this.#worker = new Worker(this.name, (job, token) => this.#process(job, token), {
      connection: connection.patient(),
      prefix,
      autorun: false,
      concurrency: concurrency ?? ahead + 1,
      lockDuration: lockMs,
      stalledInterval: stalledIntervalMs,
      maxStalledCount: mostDeaths - 1,
      // An idle worker polls this often, in seconds.
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
    this.#worker.on('failed', (job, error) => {
      if (error.message !== givenUpReason) return;
      this.#counts.failed += 1;
      this.#logger.error({ jobId: job?.id }, `a job was given up: ${mostDeaths} workers died while they ran it`);
    });
    const worker = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
    const figures = (): ImageWorkerStats => this.stats();
    const onWidth = (width: number): void => {
      if (concurrency === undefined && this.#worker.concurrency !== width) this.#worker.concurrency = width;
    };
    const shared = { connection, queue: this.#queue, client, lane: lane.id, worker, most: limit, ahead };
    this.#cancels = new CancelWatch({
      connection,
      queue: this.name,
      running: () => [...this.#running.keys()],
      onCancel: (jobId) => this.#running.get(jobId)?.abort(cancelled),
    });
    this.#limit = new SharedLimit({ ...shared, figures, onWidth, logger: this.#logger });
  }

  /** Starts the worker; `createImageWorker` has already done it. */
  async start(): Promise<void> {
    await this.#cancels.start();
    await this.#limit.start();
    this.#worker.run().catch((error: unknown) => this.#onError(error));
    await this.#worker.waitUntilReady();
  }

  /** Whether it is running and its server answers. */
  get isHealthy(): boolean {
    return this.#closing === undefined && this.#connection.redis.isReady;
  }

  stats(): ImageWorkerStats {
    return { active: this.#running.size, ...this.#counts };
  }

  /** Counts of the jobs in this worker's queue, by state. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    return this.#queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'completed', 'failed');
  }

  /**
   * Takes no more jobs and waits for the running ones. After `graceMs` (default 30 000) it interrupts them: they return to
   * the queue, and the next worker collects what was accepted.
   */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.graceMs ?? defaultGraceMs);
    await this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#isInterrupted = true;
      for (const running of this.#running.values()) running.abort(interrupted);
    }, graceMs);
    const hopeless = this.#untilHopeless(graceMs + endingMs);
    const work = async (): Promise<void> => {
      await this.#worker.close();
      await this.#limit.stop().catch(() => undefined);
      await this.#queue.close();
    };
    try {
      await Promise.race([work(), hopeless.promise]);
    } finally {
      clearTimeout(timer);
      this.#cancels.stop();
      hopeless.stop();
      await this.#connection.close();
      this.#finished.resolve();
    }
  }

  /** BullMQ cannot close without its server. Resolves when the server is down and no job runs, or after `mostMs`. */
  #untilHopeless(mostMs: number): { readonly promise: Promise<void>; stop(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const untilMs = performance.now() + mostMs;
    let away = 0;
    const timer = setInterval(() => {
      away = this.#running.size === 0 && !this.#connection.redis.isReady ? away + 1 : 0;
      if (away >= awayLooks || performance.now() >= untilMs) resolve();
    }, awayLookMs);
    return { promise, stop: () => clearInterval(timer) };
  }

  /**
   * Runs one job, even after it loses the queue's lock: another worker has the job then, and an abort here would cancel at
   * the provider what that worker collects. The task's row and its permit decide which of them may write and submit.
   */
  async #process(job: ImageJob, token = ''): Promise<ImageJobResult> {
    const id = job.id ?? '';
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      if (await this.#cancels.isRequested(id)) controller.abort(cancelled);
      if (this.#isInterrupted) controller.abort(interrupted);
      const result = await this.#make(job, controller.signal);
      return await this.#settle(job, token, result, controller.signal.reason);
    } finally {
      this.#running.delete(id);
      if (controller.signal.reason === cancelled) {
        await this.#connection.run(forgetCancel, [this.name, id]).catch(() => undefined);
      }
    }
  }

  /** Makes the images. With an archive, it first restores what other machines made, and then stores the new images. */
  async #make(job: ImageJob, signal: AbortSignal): Promise<GenerationResult> {
    const id = job.id ?? '';
    const { taskId = id, scope } = readIds(job.data.task);
    let made: GenerationResult | undefined;
    try {
      const decoded = decodeTask(job.data.task, taskId);
      checkPayload(job.data.task);
      const task = await confineFiles(decoded, this.#files);
      if (!signal.aborted) await this.#kept?.restore(id);
      made = await this.#client.generate(task, { signal, onProgress: (event) => this.#onProgress(job, event) });
      return made.success && this.#kept !== undefined ? await this.#kept.keep(id, made) : made;
    } catch (error) {
      // The message of any other error may contain something private.
      const reason = error instanceof Error ? error.name : typeof error;
      const failure = ImageError.isInstance(error)
        ? error
        : new ImageError({
            kind: 'internal',
            outcome: 'unknown',
            ...say('worker-failed', { taskId, reason }),
            cause: error,
          });
      return failureOfTask({ taskId, ...(scope === undefined ? {} : { scope }) }, this.#client.backend, failure, made);
    }
  }

  /** Ends the job or puts it back; BullMQ reads that from the errors thrown here. */
  async #settle(job: ImageJob, token: string, result: GenerationResult, abortReason: unknown): Promise<ImageJobResult> {
    if (result.success) {
      this.#storageFailures = 0;
      this.#counts.completed += 1;
      return encodeResult(result);
    }
    const { error } = result;
    if (abortReason === interrupted && error.kind === 'aborted') {
      this.#counts.requeued += 1;
      await job.moveToWait(token);
      throw new WaitingError();
    }
    if (error.kind === 'budget' && error.outcome === 'not-submitted') return this.#overBudget(job, token, error);
    this.#noteStorage(error);
    const requeues = job.data.requeues ?? 0;
    const delayMs = abortReason === cancelled ? undefined : requeueDelayMs(error, requeues);
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

  /** Only this worker's client has spent its limit, so the task waits for another worker. */
  async #overBudget(job: ImageJob, token: string, error: ImageError): Promise<never> {
    this.#logger.warn({ kind: error.kind }, `the worker stops: ${error.message}`);
    this.#finished.reject(error);
    // Before the job goes back, so that this worker does not take it again.
    void this.close();
    this.#counts.requeued += 1;
    await job.moveToWait(token);
    throw new WaitingError();
  }

  #onProgress(job: ImageJob, event: TaskEvent): void {
    if (event.type === 'state' || event.type === 'waiting') this.#limit.learned();
    const json = encodeEvent(event);
    if (json !== undefined) job.updateProgress(json).catch((error: unknown) => this.#onError(error));
  }

  /** A client that cannot write what it paid for refuses new work, so the worker stops. */
  #noteStorage(error: ImageError): void {
    this.#storageFailures = error.kind === 'storage' ? this.#storageFailures + 1 : 0;
    if (this.#storageFailures < mostStorageFailures) return;
    this.#logger.error({ kind: error.kind }, `the worker stops: ${error.message}`);
    this.#finished.reject(error);
    void this.close({ graceMs: 0 });
  }

  #onError(error: unknown): void {
    // BullMQ reports every lost connection and lock here, and continues.
    this.#logger.debug({ error: String(error) }, 'the queue reported an error');
    if (error instanceof SyntaxError || /cjson/.test(String(error))) void this.#mend();
  }

  /** BullMQ retries a job for ever if it cannot parse its fields. New fields let the job fail. */
  async #mend(): Promise<void> {
    await this.#connection.run(mendJobs, [this.name]).catch(() => undefined);
  }
}

/** The ids of a task, as far as they are readable. */
function readIds(task: unknown): { readonly taskId?: string; readonly scope?: string } {
  const { taskId, scope } = isRecord(task) ? task : {};
  return {
    ...(typeof taskId === 'string' ? { taskId } : {}),
    ...(typeof scope === 'string' ? { scope } : {}),
  };
}

const cancelled = new Error('The task was cancelled.');
const interrupted = new Error('The worker was stopped.');

function connectionOptions({ client: _client, ...options }: ImageWorkerOptions): RedisConnectionOptions {
  return options;
}
