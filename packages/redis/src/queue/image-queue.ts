import type { GenerationResult, GenerationTask, TaskEvent } from '@holodeck/core';
import { invalidRequest, type Lane } from '@holodeck/core/backend';
import { Queue, QueueEvents } from 'bullmq';
import { toRedisError } from '../connection/redis-errors.ts';
import type { RedisConnectionOptions } from '../connection/redis-options.ts';
import { describeQueue, lastEventId, requestCancel } from '../scripts/queue-scripts.ts';
import {
  bullPriorityOf,
  checkPayload,
  encodeTask,
  jobIdOf,
  taskHash,
  type ImageJobData,
  type ImageJobResult,
} from './image-job.ts';
import { QueueConnection } from './queue-connection.ts';
import { say } from './queue-messages.ts';
import { laneIdOf, queueNameOf, type LaneReference } from './queue-names.ts';
import { QueueResults, type AwaitedJob } from './queue-results.ts';
import { readQueueStatus, type QueueLane, type QueueStatus } from './queue-status.ts';
import { promptly } from './promptly.ts';
import { ResultChannel } from './result-channel.ts';

/** What `createImageQueue` takes. */
export interface ImageQueueOptions extends RedisConnectionOptions {
  /** The lane of the queue, such as `backend.lanes[0]`, or its id. */
  readonly lane: LaneReference | Lane;
  /** Name of the backend and its model, for `queue status`. */
  readonly backend?: { readonly name: string; readonly model: string };
}

/** A task in the queue. */
export type QueuedTask = AwaitedJob;

interface PreparedJob {
  readonly queued: QueuedTask;
  readonly data: ImageJobData;
  /** BullMQ's. */
  readonly priority: number;
}

/** How long a cancel request is kept. */
const cancelLifeMs = 3_600_000;
/** The most tasks that one call adds. */
const addWidth = 100;
/** The most tasks of a stream in the queue at once; results make room for more. */
const streamWidth = 1000;
const defaultScope = 'tasks';

/**
 * Opens the queue of a lane, to add tasks and wait for their results. Workers (`createImageWorker`) run them.
 *
 * ```ts
 * const queue = await createImageQueue({ url: 'redis://127.0.0.1:6379', lane: backend.lanes[0] });
 * for await (const result of queue.generateStream([{ prompt: '雨夜的面馆' }])) console.log(result.taskId, result.success);
 * ```
 * @throws {ImageError} kind `storage` when the server cannot be reached.
 */
export async function createImageQueue(options: ImageQueueOptions): Promise<ImageQueue> {
  const connection = await QueueConnection.open(options);
  const { lane, backend, maxOutageMs = 20_000 } = options;
  const described: QueueLane = {
    lane: laneIdOf(lane),
    ...(typeof lane === 'object' && 'label' in lane ? { label: lane.label } : {}),
    ...(backend === undefined ? {} : { backend: backend.name, model: backend.model }),
  };
  try {
    await connection.run(describeQueue, [queueNameOf(lane), JSON.stringify(described)]);
    const heardUntil = String(await connection.run(lastEventId, [queueNameOf(lane)]));
    return new ImageQueue(connection, described, maxOutageMs, heardUntil);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** A queue of image tasks of one lane. Make it with `createImageQueue`. */
export class ImageQueue {
  readonly name: string;
  readonly lane: string;
  readonly #connection: QueueConnection;
  readonly #described: QueueLane;
  readonly #queue: Queue<ImageJobData, ImageJobResult>;
  readonly #events: QueueEvents;
  readonly #results: QueueResults;
  readonly #ordinals = new Map<string, number>();

  /** `heardUntil`: id of the last event before this queue opened, so that it misses nothing while it connects. */
  constructor(connection: QueueConnection, described: QueueLane, maxOutageMs: number, heardUntil: string) {
    this.lane = described.lane;
    this.name = queueNameOf(described.lane);
    this.#connection = connection;
    this.#described = described;
    const { prefix } = connection;
    this.#queue = new Queue(this.name, { connection: connection.bounded(maxOutageMs), prefix });
    this.#events = new QueueEvents(this.name, { connection: connection.patient(), prefix, lastEventId: heardUntil });
    this.#queue.on('error', () => undefined);
    this.#events.on('error', () => undefined);
    this.#results = new QueueResults(this.#queue, this.#events);
  }

  /**
   * Adds tasks to the queue. A task that already waits or runs there is not added again. One that has ended is, and its
   * worker finds the stored result: nothing is paid twice. Higher `priority` runs first; equal ones keep their order. A task
   * has at most 1 MiB as JSON, and 32 MiB with the bytes of its pictures.
   * @throws {ImageError} kind `invalid-request` before any task is added; `storage` when the server is down.
   */
  async enqueueTasks(tasks: readonly GenerationTask[]): Promise<QueuedTask[]> {
    const jobs = tasks.map((task) => this.#prepare(task));
    for (let first = 0; first < jobs.length; first += addWidth) await this.#add(jobs.slice(first, first + addWidth));
    return jobs.map(({ queued }) => queued);
  }

  /** The result of a queued task. An abort rejects with the signal's reason; the task stays in the queue. */
  async result(
    queued: QueuedTask,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (event: TaskEvent) => void } = {},
  ): Promise<GenerationResult> {
    return this.#guard(this.#results.wait(queued, options.signal, options.onProgress), options.signal);
  }

  /**
   * Adds tasks as the source yields them, and yields results as they finish, even while the source is slow. If the caller
   * stops early, no more tasks are added; those in the queue stay there. An abort stops the waiting, not the tasks: the same
   * tasks wait for the same jobs the next time.
   */
  async *generateStream(
    tasks: Iterable<GenerationTask> | AsyncIterable<GenerationTask>,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (event: TaskEvent) => void } = {},
  ): AsyncGenerator<GenerationResult, void, undefined> {
    const { signal } = options;
    const channel = new ResultChannel(streamWidth);
    const onAbort = (): void => channel.fail(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#draw(tasks, channel, options).then(
      () => channel.end(),
      (error: unknown) => channel.fail(error),
    );
    try {
      for (let next = await channel.next(); next !== undefined; next = await channel.next()) yield next;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      channel.stop();
    }
  }

  /**
   * Cancels a task. A waiting task is removed. The worker of a running task stops the job at the provider if it can
   * (ComfyUI); otherwise the job stays resumable. Resolves with what was found.
   */
  async cancel(queued: Pick<QueuedTask, 'jobId'>): Promise<'removed' | 'requested' | 'over' | 'absent'> {
    const { jobId } = queued;
    return this.#guard(
      (async () => {
        const state = await this.#queue.getJobState(jobId);
        if (state === 'unknown') return 'absent';
        if (state === 'completed' || state === 'failed') return 'over';
        if (state !== 'active') {
          const knowledge = this.#results.follow(jobId);
          const job = await this.#queue.getJob(jobId);
          if (job === undefined) return 'absent';
          knowledge.found(job);
          if ((await this.#queue.remove(jobId)) === 1) return 'removed';
        }
        await this.#connection.run(requestCancel, [this.name, jobId, cancelLifeMs]);
        return 'requested';
      })(),
    );
  }

  async status(): Promise<QueueStatus> {
    return readQueueStatus(this.#connection, this.#queue, this.#described);
  }

  /** Closes the sockets. Tasks stay in the queue. */
  async close(): Promise<void> {
    this.#results.close();
    await this.#connection.closeAfter(Promise.allSettled([this.#events.close(), this.#queue.close()]));
  }

  #prepare(task: GenerationTask): PreparedJob {
    if (typeof task?.prompt !== 'string') throw invalidRequest(say('prompt-missing'));
    const encoded = encodeTask(task, task.taskId ?? this.#defaultTaskId(task));
    checkPayload(encoded);
    const { taskId, scope = defaultScope, priority = 0 } = encoded;
    const queued = { jobId: jobIdOf(encoded), taskId, scope };
    return { queued, data: { version: 1, task: encoded }, priority: bullPriorityOf(priority) };
  }

  /** As in `ImageClient`: a hash of the request, and its ordinal among equal ones. */
  #defaultTaskId(task: GenerationTask): string {
    const hash = taskHash(task);
    const ordinal = this.#ordinals.get(hash) ?? 0;
    this.#ordinals.set(hash, ordinal + 1);
    return ordinal === 0 ? hash : `${hash}-${ordinal + 1}`;
  }

  /** Adds tasks as the source yields them: in batches while they come fast, otherwise each immediately. */
  async #draw(
    tasks: Iterable<GenerationTask> | AsyncIterable<GenerationTask>,
    channel: ResultChannel,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (event: TaskEvent) => void },
  ): Promise<void> {
    let batch: GenerationTask[] = [];
    const flush = async (): Promise<void> => {
      const queued = await this.enqueueTasks(batch);
      batch = [];
      for (const task of queued) channel.add(this.result(task, options));
    };
    for await (const task of promptly(tasks, async () => (batch.length > 0 ? flush() : undefined))) {
      if (channel.isStopped || options.signal?.aborted === true) return;
      batch.push(task);
      if (batch.length >= addWidth) await flush();
      await channel.room(batch.length + 1);
    }
    if (batch.length > 0) await flush();
  }

  async #add(jobs: readonly PreparedJob[]): Promise<void> {
    await this.#guard(
      (async () => {
        const states = await Promise.all(jobs.map(({ queued }) => this.#queue.getJobState(queued.jobId)));
        const over = jobs.filter((_, index) => states[index] === 'completed' || states[index] === 'failed');
        await Promise.all(over.map(({ queued }) => this.#queue.remove(queued.jobId)));
        await this.#queue.addBulk(
          jobs.map(({ queued, data, priority }) => ({
            name: 'image',
            data,
            opts: { jobId: queued.jobId, priority, attempts: 1 },
          })),
        );
      })(),
    );
  }

  async #guard<Result>(work: Promise<Result>, signal?: AbortSignal): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw toRedisError(error, this.#connection.redis.location);
    }
  }
}
