import type {
  ImageBackend,
  ImageError,
  ImageUsage,
  ImageWarning,
  JobContext,
  JobHandle,
  ProgressEvent,
} from '../contract/index.ts';
import { blankSecrets } from '../contract/secrets.ts';
import { costOfTask } from '../cost/cost.ts';
import type { PricedRequest } from '../cost/cost.ts';
import type { Store } from '../stores/store.ts';
import type { TaskRow, TaskState } from '../stores/task-store.ts';
import type { TaskTrace, TracedStep, TracedTask } from '../client/client-telemetry.ts';
import type { ClientEnvironment } from '../client/client-environment.ts';
import type { Expiring } from './deadline.ts';
import type { GeneratedImage, GenerationFailure, GenerationResult, GenerationSuccess } from './generation-result.ts';
import type { JobImages } from '../files/job-images.ts';
import { createJobPacer } from '../polling/job-pacer.ts';
import type { JobPacer } from '../polling/job-pacer.ts';
import type { LaneScheduler } from '../limits/lane-scheduler.ts';
import { keepsAnswers, maxHandleAnswerBytes } from '../files/kept-answer.ts';
import type { Message } from '../messages/message.ts';
import { cleanMessage, messageOf } from '../messages/message-of.ts';
import type { OnWaiting } from '../limits/unknown-outcome-holds.ts';
import { LinkedAbort } from '../internal/linked-abort.ts';
import { restoredPath } from '../files/output-target.ts';
import type { OutputTarget } from '../files/output-target.ts';
import { RowWriter } from './row-writer.ts';
import type { TaskEvent } from './task-event.ts';

/** The options of one run of one task. */
export interface RunOptions {
  readonly environment: ClientEnvironment;
  readonly store: Store;
  /** The base of stored paths; undefined if they are absolute. */
  readonly folder: string | undefined;
  /** Where backends spool answers; undefined if nothing is kept. */
  readonly spoolDirectory: string | undefined;
  readonly scope: string;
  readonly taskId: string;
  readonly target: OutputTarget | undefined;
  readonly priority: number;
  /** Whether it may replace a file that it has not written. */
  readonly overwrite: boolean;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((event: TaskEvent) => void) | undefined;
  readonly warnings: readonly ImageWarning[];
}

const none: ReadonlySet<string> = new Set();

type TracedRequest = NonNullable<TracedTask['request']> & PricedRequest;

/** What the steps of one run share: signal and deadline, events, measurements, and its result. */
export class RunContext implements Expiring {
  readonly options: RunOptions;
  readonly environment: ClientEnvironment;
  /** The caller's abort, the client's closing and the deadline. */
  readonly signal: AbortSignal;
  readonly #abort: LinkedAbort;
  /** Told of the deadline, also after the caller's abort. */
  onExpired: ((reason: ImageError) => void) | undefined;
  /** The writer of the last row. */
  #writer: RowWriter | undefined;
  readonly warnings: ImageWarning[];
  readonly startedAtMs: number;
  /** Submissions, tried ones included; refusals for load do not count. */
  attempts = 0;
  /** Accepted submissions of this call. */
  paid = 0;
  /** Submissions in a row that were not sent. */
  unsent = 0;
  /** Lanes on which the task has failed; skipped while another one is healthy. */
  avoidLanes: ReadonlySet<string> = none;
  queuedMs = 0;
  submitMs: number | undefined;
  providerMs: number | undefined;
  downloadMs: number | undefined;
  /** Why the run waited last; undefined once its job was heard of again. */
  fault: Message | undefined;
  #faults = 0;
  /** Signs that came after a fault, with the number of faults until then. */
  #signsAfterFaults: Map<string, number> | undefined;
  usage: ImageUsage | undefined;
  jobId: string | undefined;
  priceShare: number | undefined;
  /** The model that the job uses, where the provider's server has decided it. */
  #model: string | undefined;
  requestHash: string | undefined;
  /** The backend of a stored task, which may not be the client's. */
  servedBy: Pick<ImageBackend, 'name' | 'model'> | undefined;
  /** What decides the price of a submission. */
  readonly request: PricedRequest;
  readonly trace: TaskTrace | undefined;
  /** Whether nothing is submitted. */
  readonly resuming: boolean;

  constructor(options: RunOptions, request: TracedRequest, resuming: boolean) {
    const { environment, signal, warnings, taskId, scope } = options;
    this.options = options;
    this.resuming = resuming;
    this.environment = environment;
    this.#abort = new LinkedAbort([environment.closing, signal]);
    this.signal = this.#abort.signal;
    this.warnings = [...warnings];
    this.startedAtMs = environment.clock.monotonic();
    this.request = request;
    const { name, model } = environment.backend;
    this.trace = environment.options.telemetry?.startTask({ backend: name, model, taskId, scope, request, resuming });
  }

  /** The job that the result comes from. */
  knows(handle: JobHandle | undefined): void {
    this.jobId = handle?.jobId;
    this.priceShare = handle?.priceShare;
    this.#model = handle?.model;
  }

  /** The provider has taken the job, or shows that it advances. */
  heard(): void {
    this.environment.deadlines.heard(this);
    this.fault = undefined;
  }

  /**
   * A collection that fails again and again also begins again and again: a sign that was known before the last fault is not news.
   * One that comes a second time without a fault between is: a job that waits for long says the same for long.
   */
  #isNews(progress: ProgressEvent): boolean {
    if (this.fault === undefined) return true;
    const sign = JSON.stringify(progress);
    this.#signsAfterFaults ??= new Map();
    const seen = this.#signsAfterFaults.get(sign);
    this.#signsAfterFaults.set(sign, this.#faults);
    return seen === undefined || seen === this.#faults;
  }

  /** Runs a step as a part of the task's trace, if there is one. */
  step<T>(name: TracedStep, attempt: number, work: () => Promise<T>): Promise<T> {
    return this.trace === undefined ? work() : this.trace.step(name, attempt, work);
  }

  /** The deadline has passed. */
  expire(reason: ImageError): void {
    this.#abort.abort(reason);
    this.onExpired?.(reason);
  }

  /** Frees timers and listeners at the end of the run. */
  end(): void {
    this.environment.deadlines.stop(this);
    this.#abort.release();
  }

  /** Whether the caller (or `close`) ended the run, and not its deadline. */
  get leftByCaller(): boolean {
    return this.options.signal?.aborted === true || this.environment.closing.aborted;
  }

  /** `resubmitUnknown` allows one more submission of an unknown one, not a series of them; `resume` makes none. */
  get mayResubmit(): boolean {
    return !this.resuming && this.environment.options.resubmitUnknown && this.attempts === 0;
  }

  emit(event: TaskEvent): void {
    try {
      this.options.onProgress?.(event);
    } catch (error) {
      this.environment.logger.error({ error: String(error) }, 'an onProgress callback threw');
    }
  }

  emitQueued(attempt: number): void {
    const { taskId, target, metadata } = this.options;
    const file = target?.extension === undefined ? undefined : target.name + target.extension;
    const named = { ...(file !== undefined && { file }), ...(metadata !== undefined && { metadata }) };
    this.emit({ type: 'state', taskId, state: 'queued', attempt, ...named });
  }

  emitState(state: TaskState, attempt: number, typicalMs?: number): void {
    const typical = typicalMs === undefined ? {} : { typicalMs };
    this.emit({ type: 'state', taskId: this.options.taskId, state, attempt, ...typical });
  }

  readonly onWaiting: OnWaiting = (reason, waitMs) => {
    const { message, ...said } = messageOf(reason);
    this.fault = { message, ...said };
    this.#faults += 1;
    this.emit({ type: 'waiting', taskId: this.options.taskId, reason: message, ...said, waitMs });
  };

  /** @returns Whether it is new. */
  warn(said: ImageWarning): boolean {
    const warning = { ...said, ...cleanMessage(said, blankSecrets) };
    const known = this.warnings.some(({ code, message }) => code === warning.code && message === warning.message);
    if (!known) this.warnings.push(warning);
    return !known;
  }

  writer(row: TaskRow): RowWriter {
    this.#writer = new RowWriter(this.options.store.tasks, row, (error) => this.noteStorageFault(error));
    return this.#writer;
  }

  /** The run has failed: gives its row up, so that other processes do not wait for it. */
  async disown(): Promise<void> {
    if (this.#writer?.row.owner === this.environment.owner.id) await this.#writer.writeBestEffort({ owner: null });
  }

  /** A paid result could not be stored: deliver what is accepted, start nothing new. */
  noteStorageFault(error: ImageError): void {
    this.environment.storageFault ??= error;
    this.warn({ code: 'storage', ...messageOf(error) });
    this.environment.logger.error({ code: error.code }, error.message);
  }

  jobContext(key: string, lane: LaneScheduler, images?: JobImages, more?: Partial<JobContext>): JobContext {
    const { taskId, spoolDirectory, store, target } = this.options;
    return {
      key,
      lane: lane.lane,
      signal: this.signal,
      onUnsupported: this.environment.options.onUnsupported,
      onProgress: (told) => {
        if (this.#isNews(told)) this.heard();
        const isNoted = told.type === 'running' && told.note !== undefined;
        const progress = isNoted ? { ...told, note: blankSecrets(told.note ?? '') } : told;
        this.emit({ type: 'progress', taskId, progress });
      },
      onWarning: (warning) => void this.warn(warning),
      onRate: (report) => lane.learnRate(key, report),
      openImage: (index) => {
        if (images === undefined) throw new Error('Images are written by collect only.');
        return images.openImage(index);
      },
      ...(images !== undefined &&
        target !== undefined && { openExtraFile: (name: string) => images.openExtraFile(target, name) }),
      logger: this.environment.logger,
      ...(spoolDirectory === undefined ? {} : { spoolDirectory }),
      ...(spoolDirectory === undefined || !keepsAnswers(store) ? {} : { maxHandleAnswerBytes }),
      ...more,
    };
  }

  pacer(handle: JobHandle, lane: LaneScheduler, signal: AbortSignal, kind: string): JobPacer {
    const { clock, counters } = this.environment;
    const sinceAcceptedMs = Math.max(0, clock.now() - handle.acceptedAtMs);
    return createJobPacer({
      clock,
      signal,
      startedAtMs: clock.monotonic() - sinceAcceptedMs,
      estimate: () => lane.durations.estimate(kind),
      queued: () => lane.queued,
      enterQuery: async (querySignal, urgency) => {
        await lane.enterQuery(querySignal, urgency);
        counters.polls += 1;
      },
    });
  }

  success(
    images: readonly GeneratedImage[],
    source: GenerationSuccess['source'],
    paidAttempts: number,
  ): GenerationSuccess {
    const { folder } = this.options;
    const extraFiles = this.warnings
      .flatMap(({ files = [] }) => files)
      .map((file) => ({ ...file, path: restoredPath(folder, file.path) }));
    return {
      success: true,
      images: images as GenerationSuccess['images'],
      source,
      ...(extraFiles.length > 0 && { extraFiles }),
      ...this.#base(paidAttempts),
    };
  }

  failure(error: ImageError, paidAttempts: number): GenerationFailure {
    return { success: false, error, ...this.#base(paidAttempts) };
  }

  #base(paidAttempts: number): Omit<Extract<GenerationResult, { success: false }>, 'success' | 'error'> {
    const { taskId, scope, metadata, environment } = this.options;
    const { name, model } = this.servedBy ?? environment.backend;
    const optional = {
      jobId: this.jobId,
      usage: this.usage,
      metadata,
      cost: costOfTask(
        environment.options.costGate.priceOf({ name, model }, this.priceShare),
        this.request,
        paidAttempts,
        this.usage,
      ),
    };
    const timings = { submitMs: this.submitMs, providerMs: this.providerMs, downloadMs: this.downloadMs };
    return {
      taskId,
      scope,
      backend: name,
      model: this.#model ?? model,
      attempts: this.attempts,
      paidAttempts,
      warnings: this.warnings,
      timings: {
        queuedMs: Math.round(this.queuedMs),
        totalMs: Math.round(environment.clock.monotonic() - this.startedAtMs),
        ...rounded(timings),
      },
      ...present(optional),
    };
  }
}

type Present<T> = { [K in keyof T]?: NonNullable<T[K]> };

function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

function rounded<T extends Record<string, number | undefined>>(fields: T): Present<T> {
  return present(
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, value === undefined ? undefined : Math.round(value)]),
    ) as T,
  );
}
