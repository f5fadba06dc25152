import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ImageError } from '../contract/index.ts';
import type { JobContext, JobHandle } from '../contract/index.ts';
import { abortError, storageError } from './as-image-error.ts';
import { quantileMs } from '../polling/job-durations.ts';
import { jobKind } from '../polling/lane-durations.ts';
import { hasFreeLane, hasHealthyLane, yieldsToHealthyLane } from '../limits/lane-choice.ts';
import { circuitOpen } from '../limits/lane-health.ts';
import { keepAnswer } from '../files/kept-answer.ts';
import { locateSubmission } from './locate-submission.ts';
import type { LaneScheduler } from '../limits/lane-scheduler.ts';
import type { LanePermit } from '../limits/lane-permit.ts';
import { joinSentences } from '../messages/define-messages.ts';
import { say } from './task-messages.ts';
import { storedPath } from '../files/output-target.ts';
import type { PreparedRequest } from '../request/prepare-request.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { RowWriter } from './row-writer.ts';
import type { RunContext } from './run-context.ts';
import type { TaskRow } from '../stores/task-store.ts';
import { HeldBack, isRefusalForLoad, submitOnce } from './submit-once.ts';
import { passGates, takeTurn } from './way-to-the-wire.ts';
import type { Submission } from './way-to-the-wire.ts';

/** An accepted job, with all that its collection needs. */
export interface AcceptedJob {
  readonly writer: RowWriter;
  readonly handle: JobHandle;
  readonly lane: LaneScheduler;
  /** Absent if the job has ended and holds no slot. */
  readonly permit?: LanePermit;
}

/** Another process continues with the attempt, so nothing is sent. Shared: it is never shown. */
const begunElsewhere = new Error('Another process began this attempt.');

/** How long the store may take for an answer before a file gets it too, in milliseconds: longer than a usual sync of the disk. */
const answerPatienceMs = 200;

/** How long a slot is held for an unknown submission if no job was ever measured. */
const unknownHoldMs = 20_000;

/**
 * One attempt: waits for a permit, writes the row, and submits until the provider accepts the job, refuses it permanently, or the
 * outcome is unknown. `reload-row`: read the row again (another process began it, or a new attempt is due).
 * @throws {ImageError} if the attempt ended without a job.
 */
export async function submitTask(
  run: RunContext,
  prepared: PreparedRequest,
  attempt: number,
): Promise<AcceptedJob | 'reload-row'> {
  const key = randomUUID();
  run.emitQueued(attempt);
  await run.environment.backend.makeReady?.().catch(() => undefined);
  const { lane, permit } = await takeTurn(run, key, prepared.request);
  const runner = new AttemptRunner(prepared, { run, key, attempt, lane, permit });
  // Not awaited here: thousands of submissions wait for one batch, and each call that waits with them takes memory.
  return runner.untilTaken().then(
    (job) => {
      if (job === 'reload-row') runner.giveBack();
      return job;
    },
    (error: unknown) => {
      runner.giveBack();
      throw error;
    },
  );
}

class AttemptRunner {
  /** Whether the monitor of abandoned jobs releases the permit. */
  #permitKept = false;
  readonly #run: RunContext;
  readonly #prepared: PreparedRequest;
  readonly #submission: Submission;
  readonly #attempt: number;
  readonly #key: string;
  readonly #lane: LaneScheduler;
  readonly #permit: LanePermit;
  #writer: RowWriter | undefined;
  #lastRefusal: ImageError | undefined;
  /** Whether the provider may have accepted a submission: its cost counts. */
  #taken = false;

  constructor(prepared: PreparedRequest, submission: Submission) {
    this.#prepared = prepared;
    this.#submission = submission;
    this.#run = submission.run;
    this.#attempt = submission.attempt;
    this.#key = submission.key;
    this.#lane = submission.lane;
    this.#permit = submission.permit;
  }

  async untilTaken(): Promise<AcceptedJob | 'reload-row'> {
    const { environment } = this.#run;
    const { clock } = environment;
    for (;;) {
      if (yieldsToHealthyLane(environment, this.#lane.lane.id)) return this.#move();
      await this.#enter();
      const startedAtMs = clock.monotonic();
      const answer = await this.#submit();
      if (answer instanceof HeldBack) return this.#heldBack(answer.reason);
      if (!ImageError.isInstance(answer)) {
        this.#run.attempts += 1;
        this.#run.submitMs = clock.monotonic() - startedAtMs;
        return this.#accept(answer);
      }
      const error = answer;
      if (isRefusalForLoad(error)) {
        this.#permit.refused(error);
        this.#lastRefusal = error;
        await this.#writeRejected(error);
        if (this.#run.signal.aborted) throw this.#stopped(error);
        if (hasFreeLane(environment, this.#lane)) return 'reload-row';
        continue;
      }
      if (error.code === circuitOpen) {
        // Another submission probes whether the backend is back; wait for its result.
        this.#permit.notAccepted();
        await this.#writeRejected(error);
        await this.#pause(lookAgainMs, error);
        continue;
      }
      this.#run.attempts += 1;
      if (error.outcome === 'not-submitted') {
        this.#permit.notAccepted();
        await this.#writeRejected(error);
        this.#run.unsent += 1;
        const { id } = this.#lane.lane;
        this.#run.avoidLanes = new Set(this.#run.avoidLanes).add(id);
        // While a lane is left on which the task has not failed, failures of other lanes do not use up its tries.
        const untried = hasHealthyLane(environment, this.#run.avoidLanes);
        const usedUp = this.#run.unsent >= environment.options.maxAttempts && !untried;
        if (this.#run.signal.aborted || !error.retryable || usedUp) throw this.#stopped(error);
        if (!untried) this.#run.avoidLanes = new Set([id]);
        if (hasHealthyLane(environment, this.#run.avoidLanes)) return 'reload-row';
        await this.#wait(error, this.#run.unsent);
        continue;
      }
      return this.#ended(error);
    }
  }

  /** Another lane is healthy: release the permit and acquire one there. */
  #move(): 'reload-row' {
    this.#run.avoidLanes = new Set(this.#run.avoidLanes).add(this.#lane.lane.id);
    return 'reload-row';
  }

  /** The attempt ended without a job: frees its permit, and its reserved cost unless the provider may have accepted it. */
  giveBack(): void {
    if (!this.#taken) this.#run.environment.options.costGate.release(this.#key);
    if (!this.#permitKept) this.#permit.release();
  }

  #submit(): Promise<JobHandle | ImageError | HeldBack> {
    this.#run.environment.counters.submissions += 1;
    const context = this.#run.jobContext(this.#key, this.#lane);
    return this.#run
      .step('submit', this.#attempt, () =>
        submitOnce(this.#run, this.#prepared.request, context, (draft) => this.#writeSubmitting(draft)),
      )
      .catch((error: unknown) => error as ImageError | HeldBack);
  }

  /** Nothing was sent: the row could not be written, another process began the attempt, or the task was stopped. */
  async #heldBack(reason: unknown): Promise<'reload-row'> {
    this.#permit.notAccepted();
    if (reason === begunElsewhere) return 'reload-row';
    const error = this.#run.signal.aborted ? this.#stopped(this.#lastRefusal) : (reason as ImageError);
    await this.#writeRejected(error);
    throw error;
  }

  /** Passes the gates; the row does not exist yet or is `rejected`. */
  async #enter(): Promise<void> {
    const { signal } = this.#run;
    try {
      await passGates(this.#submission, signal);
    } catch (error) {
      throw signal.aborted ? this.#stopped(this.#lastRefusal) : error;
    }
  }

  /** Writes row and request to disk before the first byte. Throws `begunElsewhere` if another process continues the attempt. */
  async #writeSubmitting(draft?: JobHandle): Promise<void> {
    const { environment, options } = this.#run;
    const { backend, clock, owner } = environment;
    const durable = { durable: backend.capabilities.billable };
    try {
      if (this.#writer !== undefined) {
        const handle = draft ?? (this.#writer.row.handle === undefined ? undefined : null);
        await this.#writer.write(
          { state: 'submitting', error: null, ...(handle === undefined ? {} : { handle }) },
          durable,
        );
        this.#run.emitState('submitting', this.#attempt);
        return;
      }
      const { target, folder } = options;
      const row = {
        scope: options.scope,
        taskId: options.taskId,
        requestHash: this.#prepared.hash,
        attempt: this.#attempt,
        key: this.#key,
        state: 'submitting' as const,
        backend: backend.name,
        model: backend.model,
        fingerprint: backend.fingerprint,
        lane: this.#lane.lane.id,
        request: this.#prepared.canonical,
        owner: owner.id,
        ...(draft === undefined ? {} : { handle: draft }),
        createdAtMs: clock.now(),
        ...(target === undefined
          ? {}
          : { outputPath: storedPath(folder, join(target.directory, target.name + (target.extension ?? ''))) }),
        ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
      };
      if (!(await options.store.tasks.begin(row, durable))) throw begunElsewhere;
      this.#writer = this.#run.writer({ ...row, revision: 1, updatedAtMs: row.createdAtMs });
      this.#run.emitState('submitting', this.#attempt);
    } catch (error) {
      if (error === begunElsewhere || this.#writer?.isTakenOver === true) throw begunElsewhere;
      throw storageError(error, options.store.location, 'not-submitted');
    }
  }

  /** Writes the handle to disk before the job is awaited. */
  async #accept(handle: JobHandle): Promise<AcceptedJob> {
    const { environment } = this.#run;
    const writer = await this.#row();
    this.#permit.accepted();
    this.#taken = true;
    environment.counters.accepted += 1;
    this.#run.paid += 1;
    this.#run.unsent = 0;
    this.#run.knows(handle);
    this.#run.heard();
    const written = writer.writeBestEffort(
      { state: 'accepted', handle, acceptedAtMs: handle.acceptedAtMs, error: null },
      { durable: environment.backend.capabilities.billable },
    );
    if (handle.answer !== undefined) await this.#keepAnswer(writer, written, handle.answer);
    await written;
    const kind = jobKind(environment.backend.model, this.#prepared.request.size);
    this.#run.emitState('accepted', this.#attempt, this.#lane.durations.estimate(kind)?.medianMs);
    return { writer, handle, lane: this.#lane, permit: this.#permit };
  }

  /** Spools an answer that came with the handle if the store is locked or broken, so that it is not only in memory. */
  async #keepAnswer(writer: RowWriter, written: Promise<void>, answer: string): Promise<void> {
    const { spoolDirectory } = this.#run.options;
    let timer: NodeJS.Timeout | undefined;
    const isLate = await Promise.race([
      written.then(() => false),
      new Promise<true>((resolve) => {
        timer = setTimeout(resolve, answerPatienceMs, true);
      }),
    ]);
    clearTimeout(timer);
    if ((!isLate && !writer.isBehind) || spoolDirectory === undefined) return;
    await keepAnswer(spoolDirectory, writer.row.key, answer).catch((error: unknown) => {
      this.#run.environment.logger.error({ error: String(error) }, 'an answer could not be kept on disk');
    });
  }

  /** The row of a submission that may be accepted, even if the backend did not call `beforeSend`. */
  async #row(): Promise<RowWriter> {
    if (this.#writer === undefined) await this.#writeSubmitting();
    return this.#writer as RowWriter;
  }

  /** A submission that was not sent has no row. */
  async #writeRejected(error: ImageError): Promise<void> {
    if (this.#writer?.row.state !== 'submitting') return;
    await this.#writer.writeBestEffort({ state: 'rejected', error: error.toJSON() });
    this.#run.emitState('rejected', this.#attempt);
  }

  /** It may be charged, and nothing more will be known. */
  #charge(): void {
    this.#taken = true;
    this.#run.environment.options.costGate.settle(this.#key);
  }

  async #wait(error: ImageError, failures: number): Promise<void> {
    await this.#pause(retryDelayMs(failures, this.#run.environment, error.retryAfterMs), error);
  }

  async #pause(waitMs: number, error: ImageError): Promise<void> {
    const { environment, signal } = this.#run;
    this.#run.onWaiting(error, Math.round(waitMs));
    await environment.clock.sleep(waitMs, signal).catch(() => {
      throw this.#stopped(error);
    });
  }

  /** The answer is neither a handle nor a refusal for load. */
  async #ended(error: ImageError): Promise<AcceptedJob | 'reload-row'> {
    const { environment, signal } = this.#run;
    if (error.outcome === 'unknown') return this.#unknown(error);
    const writer = await this.#row();
    this.#permit.notAccepted();
    if (error.outcome === 'failed') this.#run.paid += 1;
    if (error.outcome === 'failed' || error.outcome === 'lost') this.#charge();
    const state = error.outcome === 'failed' || error.outcome === 'lost' ? error.outcome : 'rejected';
    await writer.writeBestEffort({ state, owner: null, error: error.toJSON() });
    this.#run.emitState(state, this.#attempt);
    const again = error.outcome === 'failed' && error.retryable && this.#run.paid < environment.options.maxPaidAttempts;
    if (!again || signal.aborted) throw error;
    await this.#wait(error, this.#run.paid);
    return 'reload-row';
  }

  /** It is unknown whether the submission arrived: ask the provider if possible; otherwise never send it again. */
  async #unknown(error: ImageError): Promise<AcceptedJob | 'reload-row'> {
    const { environment } = this.#run;
    const writer = await this.#row();
    const { backend, abandonedJobs } = environment;
    if (backend.locate !== undefined && backend.handleFor !== undefined) {
      const context = (signal: AbortSignal): JobContext =>
        this.#run.jobContext(this.#key, this.#lane, undefined, { signal, ...draftOf(writer.row) });
      const found = await locateSubmission(this.#run, (signal) => backend.locate?.(this.#key, context(signal)));
      if (found === 'found') return this.#accept(backend.handleFor(this.#key, context(this.#run.signal)));
      if (found === 'absent') {
        this.#permit.notAccepted();
        await this.#writeRejected(error);
        await writer.writeBestEffort({ owner: null });
        if (this.#run.signal.aborted || this.#run.attempts >= environment.options.maxAttempts) {
          throw ImageError.with(error, { outcome: 'not-submitted' });
        }
        await this.#wait(error, this.#run.attempts);
        return 'reload-row';
      }
    }
    this.#charge();
    // It may be running: hold its slot for as long as jobs take.
    this.#permit.perhapsAccepted();
    this.#permitKept = true;
    const estimate = this.#lane.durations.estimate(jobKind(backend.model, this.#prepared.request.size));
    const jobMs = estimate === undefined ? unknownHoldMs : quantileMs(estimate, 1.65);
    const holdMs = jobMs + this.#lane.slotTailMs;
    this.#lane.holdUnknown(this.#key, holdMs);
    abandonedJobs.hold(this.#key, this.#permit, holdMs);
    await writer.writeBestEffort({ state: 'unknown', owner: null, error: error.toJSON() });
    this.#run.emitState('unknown', this.#attempt);
    throw error;
  }

  /** The error of a task that was stopped or has used up its tries before anything was accepted. */
  #stopped(error: ImageError | undefined): ImageError {
    const { signal, leftByCaller, environment } = this.#run;
    const { timeoutMs: ms } = environment.options;
    if (leftByCaller)
      return abortError(signal, {
        outcome: error?.outcome === 'rejected' ? 'rejected' : 'not-submitted',
        ...say('stopped-untaken'),
      });
    if (!signal.aborted && error !== undefined) return error;
    if (error === undefined) return abortError(signal, { outcome: 'not-submitted', ...say('late-unsent', { ms }) });
    return ImageError.with(error, joinSentences(error, say('late-tried', { ms })));
  }
}

/** What the submission of a row can be found by. */
export function draftOf({ handle }: TaskRow): { readonly draft?: JobHandle } {
  return handle === undefined ? {} : { draft: handle };
}

/** How long a submission waits while another one probes the backend, in milliseconds. */
const lookAgainMs = 250;
