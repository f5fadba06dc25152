import { existsSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError } from '../contract/index.ts';
import { abortError } from './as-image-error.ts';
import { saveToCache } from './save-to-cache.ts';
import { collectJob, requestedSize } from './collect-job.ts';
import type { Collected, Collector } from './collect-job.ts';
import type { GeneratedImage, GenerationResult, GenerationSuccess } from './generation-result.ts';
import type { JobImages } from '../files/job-images.ts';
import type { JobPacer } from '../polling/job-pacer.ts';
import { withoutAnswer } from '../files/kept-answer.ts';
import { joinSentences } from '../messages/define-messages.ts';
import { say } from './task-messages.ts';
import { jobKind } from '../polling/lane-durations.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { RowWriter } from './row-writer.ts';
import type { RunContext } from './run-context.ts';
import { asksFor } from './submit-once.ts';
import type { AcceptedJob } from './submit-task.ts';

/** How long a cancellation may take, in milliseconds. */
const cancelMs = 5000;

/**
 * Collects an accepted job to its end. `reload-row`: the job failed for a temporary reason and another paid attempt is allowed.
 * @throws {ImageError} for any other end without an image.
 */
export function collectTask(
  run: RunContext,
  job: AcceptedJob,
  source: GenerationSuccess['source'],
): Promise<GenerationResult | 'reload-row'> {
  const collector = new JobCollector(run, job);
  return run
    .step('collect', job.writer.row.attempt, () => collectJob(collector))
    .then(
      (collected): Promise<GenerationResult | 'reload-row'> => finishJob(collector, collected, source),
      (error: unknown) => collector.failed(error as ImageError),
    );
}

/** The images of a job are in place. */
async function finishJob(
  collector: JobCollector,
  { result, images }: Collected,
  source: GenerationSuccess['source'],
): Promise<GenerationSuccess> {
  const { run, job } = collector;
  collector.jobEnded();
  const count = requestedCount(job.writer);
  const asked = requestedSize(job.writer.row);
  const other = images.find(({ width, height }) => width !== asked?.width || height !== asked.height);
  if (asked !== undefined && other !== undefined) {
    const sizes = { size: `${other.width}x${other.height}`, wanted: `${asked.width}x${asked.height}` };
    const explained = [...run.warnings, ...(result.warnings ?? [])].some(({ feature }) => feature === 'size');
    if (!explained) run.warn({ code: 'size-differs', feature: 'size', ...say('size-differs', sizes) });
  }
  if (images.length < count) run.warn({ code: 'fewer-images', ...say('fewer-images', { count, got: images.length }) });
  for (const warning of result.warnings ?? []) run.warn(warning);
  run.usage = result.usage;
  run.environment.options.costGate.settle(job.writer.row.key, result.usage);
  collector.finished();
  const success = await finishRow(run, job.writer, images, source);
  await saveToCache(run, job.writer.row, success.images);
  return success;
}

/** The last step: the row becomes `done`, or is removed if nothing is kept. */
export async function finishRow(
  run: RunContext,
  writer: RowWriter,
  images: readonly GeneratedImage[],
  source: GenerationSuccess['source'],
): Promise<GenerationSuccess> {
  const { store, target, spoolDirectory, scope, taskId } = run.options;
  const { row } = writer;
  run.knows(row.handle);
  const durable = { durable: hasSpooledAnswer(spoolDirectory, writer) };
  // Before a first attempt there is nothing to count.
  const paid = row.attempt === 1 ? Math.max(row.handle === undefined ? 0 : 1, run.paid) : await paidAttempts(run);
  if (target === undefined) {
    await writer.writeBestEffort({ state: 'done', owner: null }, durable);
    await store.tasks.forget(scope, taskId).catch(() => undefined);
  } else {
    const stored = (row.images ?? []).map(({ temporaryPath: _gone, ...image }) => image);
    await writer.writeBestEffort(
      {
        state: 'done',
        owner: null,
        error: null,
        images: stored,
        ...withoutAnswer(row),
        ...(run.warnings.length === 0 ? {} : { warnings: run.warnings }),
        ...(run.usage === undefined ? {} : { usage: run.usage }),
      },
      durable,
    );
  }
  if (spoolDirectory !== undefined) removeSpool(spoolDirectory, writer);
  run.emitState('done', row.attempt);
  return run.success(images, source, paid);
}

/** Accepted submissions of the task, over all calls. */
export async function paidAttempts(run: RunContext): Promise<number> {
  const { store, scope, taskId } = run.options;
  if (run.requestHash === undefined) return run.paid;
  const stored = await store.tasks.countPaid(scope, taskId, run.requestHash).catch(() => run.paid);
  return Math.max(stored, run.paid);
}

class JobCollector implements Collector {
  readonly run: RunContext;
  readonly job: AcceptedJob;
  #endedAtMs: number | undefined;
  #pacer: JobPacer | undefined;

  constructor(run: RunContext, job: AcceptedJob) {
    this.run = run;
    this.job = job;
  }

  get writer(): RowWriter {
    return this.job.writer;
  }

  get #kind(): string {
    const size = this.writer.row.request['size'] as { width: number; height: number } | undefined;
    return jobKind(this.run.environment.backend.model, size);
  }

  context(images: JobImages): ReturnType<RunContext['jobContext']> {
    const { handle, lane, writer } = this.job;
    this.#pacer = undefined;
    return this.run.jobContext(writer.row.key, lane, images, {
      imageCount: requestedCount(writer),
      nextPoll: () => {
        this.#pacer ??= this.run.pacer(handle, lane, this.run.signal, this.#kind);
        return this.#pacer.nextPoll();
      },
      onEnded: () => this.jobEnded(),
    });
  }

  /** The job has ended at the provider: its slot is free, even if the download fails. */
  jobEnded(): void {
    if (this.#endedAtMs !== undefined) return;
    const { environment } = this.run;
    const { handle, lane, writer, permit } = this.job;
    this.#endedAtMs = environment.clock.monotonic();
    const withinMs = this.#pacer?.sinceLastLookMs ?? 0;
    permit?.ended(withinMs);
    if (writer.row.state !== 'accepted') return;
    const durationMs = environment.clock.now() - handle.acceptedAtMs;
    this.run.providerMs = durationMs;
    if (this.run.paid > 0) {
      // A resumed job does not show how long it took.
      const atFirstLook = this.#pacer?.polls === 1;
      lane.durations.record(this.#kind, atFirstLook ? durationMs : durationMs - withinMs / 2, atFirstLook);
    }
    // Needs no extra write: the next process learns it from the provider.
    writer.note({ state: 'ended', endedAtMs: environment.clock.now() });
    this.run.emitState('ended', writer.row.attempt);
  }

  finished(): void {
    if (this.#endedAtMs !== undefined) this.run.downloadMs = this.run.environment.clock.monotonic() - this.#endedAtMs;
  }

  async failed(error: ImageError): Promise<'reload-row'> {
    const { writer } = this.job;
    const { costGate } = this.run.environment.options;
    if (error.unpaid) costGate.release(writer.row.key);
    else costGate.settle(writer.row.key);
    if (error.outcome === 'accepted') throw await this.#left(error);
    this.jobEnded();
    if (error.unpaid) return this.#givenUp(error);
    const state = error.outcome === 'failed' || error.outcome === 'lost' ? error.outcome : 'unknown';
    const { spoolDirectory } = this.run.options;
    const durable = hasSpooledAnswer(spoolDirectory, writer);
    const end = { state, owner: null, error: error.toJSON(), ...withoutAnswer(writer.row) } as const;
    await writer.writeBestEffort(end, { durable });
    if (spoolDirectory !== undefined) removeSpool(spoolDirectory, writer);
    this.run.emitState(state, writer.row.attempt);
    if (error.retryable && this.#mayRepeat(state) && !this.run.signal.aborted) return 'reload-row';
    throw error;
  }

  /** A job that this run has not sent itself is repeated only if it is free, and was lost: nobody has seen it fail. */
  #mayRepeat(state: 'failed' | 'lost' | 'unknown'): boolean {
    const { paid, resuming, environment } = this.run;
    const isLostFree = state === 'lost' && !environment.backend.capabilities.billable && !resuming;
    return paid < environment.options.maxPaidAttempts && (isLostFree || (state === 'failed' && paid > 0));
  }

  /** The provider has ended the job without beginning it: nothing is owed, as if it had refused it. */
  async #givenUp(error: ImageError): Promise<'reload-row'> {
    const { writer } = this.job;
    const { environment, signal } = this.run;
    this.run.paid = Math.max(0, this.run.paid - 1);
    await writer.writeBestEffort({ state: 'rejected', owner: null, error: error.toJSON() });
    this.run.emitState('rejected', writer.row.attempt);
    if (!error.retryable || signal.aborted || this.run.resuming) throw error;
    const waitMs = retryDelayMs(1, environment, error.retryAfterMs);
    this.run.onWaiting(error, Math.round(waitMs));
    await environment.clock.sleep(waitMs, signal).catch(() => {
      throw error;
    });
    return 'reload-row';
  }

  /** The caller has left, or the job cannot be fetched now: it stays resumable, or is cancelled if possible. */
  async #left(error: ImageError): Promise<ImageError> {
    const { environment, signal, leftByCaller, options } = this.run;
    const { handle, lane, permit, writer } = this.job;
    const { backend } = environment;
    if (error.kind === 'storage') this.run.noteStorageFault(error);
    // When a client closes, a durable store keeps the job for the next one.
    const { signal: wish } = options;
    const isGivenUp = wish?.aborted === true && !asksFor(wish.reason, 'keep');
    const isUnwanted = isGivenUp || (leftByCaller && !options.store.durable);
    if (isUnwanted && backend.cancel !== undefined && this.#endedAtMs === undefined) {
      const context = this.run.jobContext(handle.key, lane, undefined, { signal: AbortSignal.timeout(cancelMs) });
      const cancelled = await backend.cancel(handle, context).then(
        () => true,
        () => false,
      );
      if (cancelled) {
        permit?.ended();
        await writer.writeBestEffort({ state: 'cancelled', owner: null });
        this.run.emitState('cancelled', writer.row.attempt);
        const said = say('stopped-cancelled', { jobId: handle.jobId });
        return abortError(signal, { outcome: 'failed', handle, backend: backend.name, ...said });
      }
    }
    await writer.writeBestEffort({ owner: null });
    if (permit !== undefined && this.#endedAtMs === undefined) {
      environment.abandonedJobs.watchJob(handle, lane, permit, (stop) =>
        this.run.pacer(handle, lane, stop, this.#kind),
      );
    }
    const kept = say(options.store.durable ? 'job-kept' : 'job-in-memory', { jobId: handle.jobId });
    if (leftByCaller || signal.aborted) {
      const { fault } = this.run;
      const ms = environment.options.timeoutMs;
      const said = leftByCaller
        ? joinSentences(say('stopped-taken', { backend: backend.name }), kept)
        : joinSentences(
            say(environment.deadlines.kind === 'silence' ? 'silent-taken' : 'late-taken', { ms }),
            fault,
            kept,
          );
      return abortError(signal, { outcome: 'accepted', handle, backend: backend.name, ...said });
    }
    return ImageError.with(error, { handle, ...(error.kind === 'storage' && joinSentences(error, kept)) });
  }
}

/**
 * Whether the job's answer is in a spool file, which is removed once the row has its end. The row must then be durable: after a
 * power loss it must not be `accepted` without the file.
 */
function hasSpooledAnswer(directory: string | undefined, { row: { key } }: RowWriter): boolean {
  return directory !== undefined && existsSync(join(directory, `${key}.answer`));
}

/** Keeps the spooled answer if the store does not know the end yet and will need it again. */
function removeSpool(directory: string, writer: RowWriter): void {
  if (writer.isBehind) return;
  const { key } = writer.row;
  for (const path of [join(directory, `${key}.answer`), join(directory, `${key}.part`)]) {
    // Most jobs have none, and a failed removal creates an error with a stack.
    if (!existsSync(path)) continue;
    try {
      unlinkSync(path);
    } catch {
      // Another process was faster.
    }
  }
}

function requestedCount(writer: RowWriter): number {
  const count = writer.row.request['count'];
  return typeof count === 'number' ? count : 1;
}
