import { ImageError, type GenerationResult, type TaskEvent } from '@holodeck/core';
import type { Job, Queue, QueueEvents } from 'bullmq';
import { failureOfTask } from './task-failure.ts';
import { givenUpReason, mostDeaths } from './given-up.ts';
import { decodeResult, type ImageJobData, type ImageJobResult } from './image-job.ts';
import { eventOf, JobKnowledge, type JobStanding } from './job-knowledge.ts';
import { removedResult, vanishedResult } from './missing-job.ts';
import { say } from './queue-messages.ts';

/** How often to poll awaited jobs, so that a lost event delays nobody for long. */
const lookIntervalMs = 5000;
const lookWidth = 50;
/** How long to wait before looking again for a job that was not found. */
const missingMs = 1000;
/** How many removed jobs are remembered for callers that ask for their results later. */
const maxRemoved = 10_000;

type ImageJob = Job<ImageJobData, ImageJobResult>;

interface Waiting {
  readonly settle: (result: GenerationResult) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((event: TaskEvent) => void) | undefined;
  readonly knowledge: JobKnowledge;
  /** The job was not found, and no event says that it was removed. */
  missing: boolean;
  readonly taskId: string;
  readonly scope: string;
}

/** A job that somebody waits for. */
export interface AwaitedJob {
  readonly jobId: string;
  readonly taskId: string;
  readonly scope: string;
}

/** Delivers results and events of jobs to callers that wait for them. */
export class QueueResults {
  readonly #queue: Queue<ImageJobData, ImageJobResult>;
  readonly #waiting = new Map<string, Waiting[]>();
  /** Removed jobs and their state, the oldest first. */
  readonly #removed = new Map<string, JobStanding>();
  /** Jobs that this queue is removing, the oldest first. */
  readonly #leaving = new Map<string, JobKnowledge>();
  #timer: NodeJS.Timeout | undefined;

  constructor(queue: Queue<ImageJobData, ImageJobResult>, events: QueueEvents) {
    this.#queue = queue;
    events.on('completed', ({ jobId, returnvalue }) => {
      // BullMQ types it as text and hands it over parsed.
      this.#settle(jobId, (waiting) => decodeResult(returnvalue, waiting));
    });
    events.on('failed', ({ jobId }) => void this.#look(jobId));
    events.on('active', ({ jobId }) => {
      this.#leaving.get(jobId)?.taken();
      for (const { knowledge } of this.#waiting.get(jobId) ?? []) knowledge.taken();
    });
    events.on('added', ({ jobId }) => void this.#removed.delete(jobId));
    events.on('removed', ({ jobId }) => {
      this.#noteRemoved(jobId);
      void this.#look(jobId);
    });
    events.on('progress', ({ jobId, data }) => {
      this.#leaving.get(jobId)?.reported(data as unknown as TaskEvent);
      for (const waiting of this.#waiting.get(jobId) ?? []) report(waiting, data as unknown as TaskEvent);
    });
  }

  /**
   * Resolves with the result of a job. An abort rejects with its reason, and the job continues. A late caller first gets the
   * job's last event.
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
      knowledge: new JobKnowledge(),
      missing: false,
      taskId,
      scope,
    };
    const onAbort = (): void => settled.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.set(jobId, [...(this.#waiting.get(jobId) ?? []), waiting]);
    this.#timer ??= setInterval(() => void this.#lookAtAll(), lookIntervalMs);
    // It may have ended before this call listened.
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

  /**
   * Collects from now on what is known about a job that this queue is about to remove. Call it before reading the job, so
   * that nothing is missed in between; later callers of `wait` get a result that follows from it.
   */
  follow(jobId: string): JobKnowledge {
    const knowledge = this.#leaving.get(jobId) ?? new JobKnowledge();
    setLast(this.#leaving, jobId, knowledge);
    return knowledge;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Checks whether a job has ended. Rejects its waits when the server stays down. */
  async #look(jobId: string): Promise<void> {
    const asking = this.#waiting.get(jobId);
    if (asking === undefined) return;
    try {
      const job = (await this.#queue.getJob(jobId)) as ImageJob | undefined;
      if (job === undefined) this.#settleMissing(jobId);
      else if (job.finishedOn === undefined) this.#found(jobId, job, asking);
      else if (job.failedReason) this.#settle(jobId, (one) => failureOf(job, one));
      else this.#settle(jobId, (one) => decodeResult(job.returnvalue, one));
    } catch (error) {
      // A field is damaged: the next worker fails the job.
      if (error instanceof SyntaxError) return;
      for (const { reject } of this.#waiting.get(jobId) ?? []) reject(error);
    }
  }

  /** The job does not exist. The event of its removal may still be on its way, so the next look decides. */
  #settleMissing(jobId: string): void {
    const removed = this.#removed.get(jobId);
    for (const waiting of this.#waiting.get(jobId) ?? []) {
      const { standing } = waiting.knowledge;
      if (removed !== undefined) settle(waiting, removedResult(waiting, standing === 'open' ? removed : standing));
      else if (waiting.missing) settle(waiting, vanishedResult(waiting));
      else {
        waiting.missing = true;
        setTimeout(() => void this.#look(jobId), missingMs).unref();
      }
    }
  }

  #noteRemoved(jobId: string): void {
    const knowledge = this.#leaving.get(jobId) ?? this.#waiting.get(jobId)?.[0]?.knowledge;
    this.#leaving.delete(jobId);
    setLast(this.#removed, jobId, knowledge?.standing ?? 'open');
  }

  /**
   * Gives late callers the last event, which they missed. Only callers that already waited when the question was sent
   * (`asking`) have received everything after the answer.
   */
  #found(jobId: string, job: ImageJob, asking: readonly Waiting[]): void {
    const event = eventOf(job.progress);
    for (const waiting of this.#waiting.get(jobId) ?? []) {
      if (!asking.includes(waiting)) continue;
      if (event !== undefined && !waiting.knowledge.isReported) report(waiting, event);
      waiting.knowledge.found(job);
    }
  }

  async #lookAtAll(): Promise<void> {
    const ids = [...this.#waiting.keys()];
    for (let first = 0; first < ids.length; first += lookWidth) {
      await Promise.all(ids.slice(first, first + lookWidth).map((id) => this.#look(id)));
    }
  }

  #settle(jobId: string, decode: (waiting: Waiting) => GenerationResult): void {
    for (const waiting of this.#waiting.get(jobId) ?? []) {
      try {
        settle(waiting, decode(waiting));
      } catch (error) {
        settle(waiting, failureOfTask(waiting, undefined, error as ImageError));
      }
    }
  }
}

function settle(waiting: Waiting, result: GenerationResult): void {
  waiting.onProgress?.({ type: 'settled', taskId: result.taskId, result });
  waiting.settle(result);
}

/** Sets an entry as the newest, and drops the oldest one when there are too many. */
function setLast<Value>(entries: Map<string, Value>, key: string, value: Value): void {
  entries.delete(key);
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > maxRemoved && oldest !== undefined) entries.delete(oldest);
}

function report(waiting: Waiting, event: TaskEvent): void {
  waiting.knowledge.reported(event);
  waiting.onProgress?.(event);
}

function failureOf(job: ImageJob, waiting: Waiting): GenerationResult {
  const { taskId } = waiting;
  if (job.data.failure !== undefined) return decodeResult(job.data.failure, waiting);
  const reason = job.failedReason ?? '';
  const said =
    reason === givenUpReason
      ? say('workers-died', { taskId, count: mostDeaths })
      : say('job-given-up', { taskId, reason });
  return failureOfTask(waiting, undefined, new ImageError({ kind: 'internal', outcome: 'unknown', ...said }));
}
