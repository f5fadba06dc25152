import { ImageError, type GenerationResult, type TaskEvent } from '@holodeck/core';
import type { Job, Queue, QueueEvents } from 'bullmq';
import { failureOfTask } from './task-failure.ts';
import { decodeResult, type ImageJobData, type ImageJobResult } from './image-job.ts';

/** How often waiting jobs are looked at besides listening, so that a lost event holds nobody up. */
const lookIntervalMs = 5000;
const lookWidth = 50;

type ImageJob = Job<ImageJobData, ImageJobResult>;

interface Waiting {
  readonly settle: (result: GenerationResult) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((event: TaskEvent) => void) | undefined;
  /** Whether it was told anything yet. */
  heard: boolean;
  readonly taskId: string;
  readonly scope: string;
}

/** A job somebody waits for. */
export interface AwaitedJob {
  readonly jobId: string;
  readonly taskId: string;
  readonly scope: string;
}

/** Brings results and events of jobs to those who wait for them. */
export class QueueResults {
  readonly #queue: Queue<ImageJobData, ImageJobResult>;
  readonly #waiting = new Map<string, Waiting[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(queue: Queue<ImageJobData, ImageJobResult>, events: QueueEvents) {
    this.#queue = queue;
    events.on('completed', ({ jobId, returnvalue }) => {
      // BullMQ types it as text and hands it over parsed.
      if (this.#waiting.has(jobId)) this.#settle(jobId, decodeResult(returnvalue as unknown as ImageJobResult));
    });
    events.on('failed', ({ jobId }) => void this.#look(jobId));
    events.on('removed', ({ jobId }) => void this.#look(jobId));
    events.on('progress', ({ jobId, data }) => {
      for (const waiting of this.#waiting.get(jobId) ?? []) tell(waiting, data as unknown as TaskEvent);
    });
  }

  /**
   * Resolves with the result of a job; rejects with the reason of an abort. The job goes on then. Who comes late is told the
   * job's last event first.
   */
  async wait(
    { jobId, taskId, scope }: AwaitedJob,
    signal: AbortSignal | undefined,
    onProgress?: (event: TaskEvent) => void,
  ): Promise<GenerationResult> {
    signal?.throwIfAborted();
    const settled = Promise.withResolvers<GenerationResult>();
    const waiting: Waiting = {
      settle: settled.resolve,
      reject: settled.reject,
      onProgress,
      heard: false,
      taskId,
      scope,
    };
    const onAbort = (): void => settled.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.set(jobId, [...(this.#waiting.get(jobId) ?? []), waiting]);
    this.#timer ??= setInterval(() => void this.#lookAtAll(), lookIntervalMs);
    // It may be over already, and its event told before anybody listened.
    void this.#look(jobId);
    try {
      return await settled.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      const others = (this.#waiting.get(jobId) ?? []).filter((other) => other !== waiting);
      if (others.length > 0) this.#waiting.set(jobId, others);
      else this.#waiting.delete(jobId);
      if (this.#waiting.size === 0) this.close();
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Looks at a job that may be over. Rejects its waits when the server stays away. */
  async #look(jobId: string): Promise<void> {
    const waiting = this.#waiting.get(jobId)?.[0];
    if (waiting === undefined) return;
    try {
      const job = (await this.#queue.getJob(jobId)) as ImageJob | undefined;
      if (job === undefined) this.#settle(jobId, removedResult(waiting));
      else if (job.finishedOn === undefined) this.#tellLast(jobId, job.progress);
      else if (job.failedReason) this.#settle(jobId, failureOf(job, waiting));
      else if (job.returnvalue) this.#settle(jobId, decodeResult(job.returnvalue));
    } catch (error) {
      for (const { reject } of this.#waiting.get(jobId) ?? []) reject(error);
    }
  }

  /** Those who came after an event was told would not know how the job stands. */
  #tellLast(jobId: string, progress: unknown): void {
    if (typeof progress !== 'object' || progress === null) return;
    for (const waiting of this.#waiting.get(jobId) ?? []) if (!waiting.heard) tell(waiting, progress as TaskEvent);
  }

  async #lookAtAll(): Promise<void> {
    const ids = [...this.#waiting.keys()];
    for (let first = 0; first < ids.length; first += lookWidth) {
      await Promise.all(ids.slice(first, first + lookWidth).map((id) => this.#look(id)));
    }
  }

  #settle(jobId: string, result: GenerationResult): void {
    const { taskId } = result;
    for (const { settle, onProgress } of this.#waiting.get(jobId) ?? []) {
      onProgress?.({ type: 'settled', taskId, result });
      settle(result);
    }
  }
}

function tell(waiting: Waiting, event: TaskEvent): void {
  waiting.heard = true;
  waiting.onProgress?.(event);
}

function failureOf(job: ImageJob, waiting: Waiting): GenerationResult {
  if (job.data.failure !== undefined) return decodeResult(job.data.failure);
  return failureOfTask(
    waiting,
    undefined,
    new ImageError({
      kind: 'internal',
      outcome: 'unknown',
      message: `The job of ${waiting.taskId} was given up by the queue (${job.failedReason}). Workers died while they worked on it: look at their logs, then run the task again; what was paid is fetched and not paid again.`,
    }),
  );
}

function removedResult(waiting: Waiting): GenerationResult {
  return failureOfTask(
    waiting,
    undefined,
    new ImageError({
      kind: 'aborted',
      outcome: 'not-submitted',
      message: `The job of ${waiting.taskId} was removed from the queue before anybody worked on it. Nothing was sent.`,
    }),
  );
}
