import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { ImageError } from '@holodeck/core';
import type { ImageErrorJson, TaskEvent } from '@holodeck/core';
import { canonicalJson, sha256Hex, systemClock } from '@holodeck/core/backend';
import { startInterval } from '@holodeck/core/stores';
import PQueue from 'p-queue';
import type { Caller } from '../keys/caller.ts';
import { say } from './gateway-messages.ts';
import { JobRecords } from './job-records.ts';
import { isFinal, isRepeatable } from './job-record.ts';
import type { JobRecord, JobRequest, JobStatus, SceneJobRequest } from './job-record.ts';
import { runImageJob } from './run-image-job.ts';
import type { JobEnd, JobRun } from './run-image-job.ts';
import { runSceneJob } from './run-scene-job.ts';
import { assertRepeatable } from './scene-request.ts';
import { ServiceClients } from './service-clients.ts';
import type { ServiceParts } from './service-clients.ts';
import { withoutFolder } from './without-folder.ts';

/** How a job is started. */
export interface StartOptions {
  /** The same key with the same request is the same job; with another request it is refused. Default: a new job. */
  readonly idempotencyKey?: string;
  /** Where its end is reported. */
  readonly webhook?: string;
  /** Runs a job of this request once more if it is over; see `again`. Default false: its end is the answer. */
  readonly again?: boolean;
  /** See `again`. Default false. */
  readonly mayPayTwice?: boolean;
}

interface Running {
  readonly done: Promise<JobRecord>;
  readonly abort: AbortController;
  readonly session: string | undefined;
}

/** How often abandoned jobs of dead processes are looked for, and how often a job of another process is read again. */
const sweepMs = 15_000;
const longestLookMs = 1000;

/** Use `openJobService`. */
export class JobService {
  readonly clients: ServiceClients;
  readonly #parts: ServiceParts;
  readonly #ownerId: string;
  readonly #closeParts: () => Promise<void>;
  readonly #records: JobRecords;
  readonly #queues = new Map<string, PQueue>();
  readonly #running = new Map<string, Running>();
  readonly #listeners = new Map<string, Set<(part: string, event: TaskEvent) => void>>();
  readonly #changes = new EventEmitter<{ change: [record: JobRecord] }>();
  readonly #closing = new AbortController();
  readonly #stopSweeping: () => void;
  #sweep: Promise<void> = Promise.resolve();

  /** @internal */
  constructor(parts: ServiceParts, ownerId: string, closeParts: () => Promise<void>) {
    this.#parts = parts;
    this.#ownerId = ownerId;
    this.#closeParts = closeParts;
    this.#records = new JobRecords(parts.store);
    this.clients = new ServiceClients(parts);
    const sweep = (): void => {
      this.#sweep = this.#sweep.then(() => this.#takeOver()).catch(() => undefined);
    };
    this.#stopSweeping = startInterval(systemClock, sweepMs, sweep);
    sweep();
  }

  get outputDir(): string {
    return this.#parts.outputDir;
  }

  /** Jobs that this process runs or has in line. */
  get open(): number {
    return this.#running.size;
  }

  /**
   * Stores a job and begins it. Resolves once it is stored, so that it survives this process.
   * @throws {ImageError} kind `invalid-request` and code `key-reused` for another request under a known idempotency key.
   */
  async start(caller: Caller, request: JobRequest, options: StartOptions = {}): Promise<JobRecord> {
    this.#assertOpen();
    const { idempotencyKey, webhook, again = false, mayPayTwice = false } = options;
    const id =
      idempotencyKey === undefined
        ? `job_${randomBytes(12).toString('hex')}`
        : `job_${sha256Hex(JSON.stringify([caller.key, idempotencyKey])).slice(0, 24)}`;
    const now = Date.now();
    const fresh: JobRecord = {
      id,
      key: caller.key,
      request,
      requestHash: sha256Hex(canonicalJson(request)),
      status: 'queued',
      createdAtMs: now,
      updatedAtMs: now,
      owner: this.#ownerId,
      images: [],
      failures: [],
      warnings: [],
      cost: [],
      ...(webhook === undefined ? {} : { webhook }),
    };
    const { record, isNew } = await this.#records.create(fresh);
    if (!isNew && record.requestHash !== fresh.requestHash) {
      throw new ImageError({
        kind: 'invalid-request',
        outcome: 'not-submitted',
        code: 'key-reused',
        ...say('key-reused'),
      });
    }
    if (isNew) return this.#begin(caller, record, mayPayTwice);
    const isDue = again ? isFinal : isRepeatable;
    if (!isDue(record)) return this.#drive(caller, record);
    return (await this.#again(caller, id, isDue, mayPayTwice)) ?? record;
  }

  /**
   * Runs a job that is over once more: what exists is found, what failed is tried again. A job that is still open goes on as it
   * is. Resolves once it has begun; with undefined if there is no such job.
   *
   * @param mayPayTwice Also sends, once, what may have been paid for already (outcome `unknown`). It holds for this run alone: a
   * process that goes on with the job does not send it again.
   */
  async again(caller: Caller, id: string, mayPayTwice = false): Promise<JobRecord | undefined> {
    this.#assertOpen();
    const record = await this.get(caller, id);
    if (record === undefined) return undefined;
    return isFinal(record) ? this.#again(caller, id, isFinal, mayPayTwice) : this.#drive(caller, record);
  }

  /** A caller's job; undefined if there is none of that id, or it belongs to another key. */
  async get(caller: Caller, id: string): Promise<JobRecord | undefined> {
    const record = await this.#records.get(id);
    return record?.key === caller.key ? record : undefined;
  }

  /**
   * Waits until a job is over, for at most `waitMs`; resolves with the job as it then is. A job whose process died is taken
   * over. Rejects with the signal's reason on abort, which cancels nothing.
   */
  async wait(caller: Caller, id: string, waitMs: number, signal?: AbortSignal): Promise<JobRecord | undefined> {
    const endsAt = performance.now() + waitMs;
    for (let lookMs = 50; ; lookMs = Math.min(lookMs * 2, longestLookMs)) {
      signal?.throwIfAborted();
      const found = await this.get(caller, id);
      if (found === undefined || isFinal(found) || this.#closing.signal.aborted) return found;
      await this.#drive(caller, found);
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) return found;
      const own = this.#running.get(id);
      await pause(own?.done, own === undefined ? Math.min(lookMs, leftMs) : leftMs, signal);
    }
  }

  /** A caller's jobs, the latest first. */
  list(caller: Caller): Promise<readonly JobRecord[]> {
    return this.#records.list(caller.key);
  }

  /**
   * Cancels a job. What was accepted and cannot be stopped at the provider stays resumable in the store. Resolves with the job
   * as it then is.
   */
  async cancel(caller: Caller, id: string): Promise<JobRecord | undefined> {
    if ((await this.get(caller, id)) === undefined) return undefined;
    const record = await this.#records.update(id, (stored) =>
      isFinal(stored) ? undefined : { ...stored, status: 'cancelled', updatedAtMs: Date.now() },
    );
    const own = this.#running.get(id);
    own?.abort.abort(cancelled());
    await own?.done;
    return this.#records.get(id).then((stored) => stored ?? record);
  }

  /**
   * Starts a scene job. The same request for the same session is the same job, whether or not it has a key.
   * @throws {ImageError} as `start`; kind `invalid-request` for an asset that cannot be made again.
   */
  async startScene(caller: Caller, request: SceneJobRequest, options: StartOptions = {}): Promise<JobRecord> {
    if (request.again !== undefined) assertRepeatable(request.again.asset);
    const key = options.idempotencyKey ?? canonicalJson(request);
    const record = await this.start(caller, request, { ...options, idempotencyKey: `scene ${request.session} ${key}` });
    await this.#records.link(request.session, record.id);
    return record;
  }

  /** Ids of the jobs that were started for a session, the latest last. */
  jobsOfScene(sessionId: string): Promise<readonly string[]> {
    return this.#records.linked(sessionId);
  }

  /** Ids of the jobs that this process runs, or has in line, for a session. */
  runningForScene(sessionId: string): readonly string[] {
    return [...this.#running].flatMap(([id, { session }]) => (session === sessionId ? [id] : []));
  }

  /** Whether jobs can be started: the store answers, and the service is not closing. */
  async isReady(): Promise<boolean> {
    if (this.#closing.signal.aborted) return false;
    return this.#records.get('probe').then(
      () => true,
      () => false,
    );
  }

  /** Events of a job that this process runs; a job of another process has none here. Returns the way to stop. */
  onEvent(id: string, listener: (part: string, event: TaskEvent) => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }

  /** Calls back when this process begins a job, and when it has ended one. Returns the way to stop. */
  onChange(listener: (record: JobRecord) => void): () => void {
    this.#changes.on('change', listener);
    return () => this.#changes.off('change', listener);
  }

  /** Records that a job's webhook needs no more tries. */
  async notified(id: string): Promise<void> {
    await this.#records.update(id, (stored) => ({ ...stored, notified: true }));
  }

  /** Finished jobs whose webhook is still due, such as those of a process that died. */
  async unnotified(): Promise<readonly JobRecord[]> {
    return (await this.#records.list()).filter(
      (record) => record.webhook !== undefined && record.notified !== true && isFinal(record),
    );
  }

  /** Ends waits. Submissions on the wire get their answers; open jobs go on in the next process. */
  async close(): Promise<void> {
    this.#stopSweeping();
    this.#closing.abort(
      new ImageError({ kind: 'aborted', outcome: 'not-submitted', retryable: true, ...say('stopping') }),
    );
    await this.#sweep;
    for (const { abort } of this.#running.values())
      abort.abort(Object.assign(cancelled(), { drain: true, keep: true }));
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
    await this.clients.close();
    await this.#closeParts();
  }

  async #takeOver(): Promise<void> {
    for (const record of await this.#records.list()) {
      if (this.#closing.signal.aborted) return;
      const caller = isFinal(record) ? undefined : this.#parts.callerOf(record.key);
      if (caller !== undefined) await this.#drive(caller, record);
    }
  }

  /** Takes a job over if no live process has it. */
  async #drive(caller: Caller, record: JobRecord): Promise<JobRecord> {
    if (this.#closing.signal.aborted || this.#running.has(record.id)) return record;
    const isOrphan = record.owner === this.#ownerId || (await this.#records.isAbandoned(record));
    if (isFinal(record) || !isOrphan) return record;
    const taken = await this.#records.update(record.id, (stored) =>
      isFinal(stored) || stored.owner !== record.owner ? undefined : this.#claimed(stored),
    );
    return taken?.owner === this.#ownerId && !isFinal(taken) ? this.#begin(caller, taken) : (taken ?? record);
  }

  async #again(
    caller: Caller,
    id: string,
    isDue: (record: JobRecord) => boolean,
    mayPayTwice: boolean,
  ): Promise<JobRecord | undefined> {
    // A job that is cancelled writes its end once its waits have ended.
    await this.#running.get(id)?.done.catch(() => undefined);
    const record = await this.#records.update(id, (stored) => (isDue(stored) ? this.#claimed(stored) : undefined));
    const isOurs = record?.owner === this.#ownerId && !isFinal(record);
    return isOurs ? this.#begin(caller, record, mayPayTwice) : record;
  }

  #claimed(record: JobRecord): JobRecord {
    return { ...record, status: 'queued', owner: this.#ownerId, failures: [], updatedAtMs: Date.now() };
  }

  #begin(caller: Caller, record: JobRecord, mayPayTwice = false): JobRecord {
    if (this.#running.has(record.id)) return record;
    this.clients.admit(caller);
    const abort = new AbortController();
    const done = this.#queueOf(caller)
      .add(() => this.#run(caller, record, abort.signal, mayPayTwice))
      .finally(() => this.#running.delete(record.id));
    this.#running.set(record.id, { done, abort, session: record.request.session });
    this.#changes.emit('change', record);
    // A record that cannot be written stays open, and the next process goes on with it.
    done.then((ended) => this.#changes.emit('change', ended)).catch(() => undefined);
    return record;
  }

  async #run(
    caller: Caller,
    { id, request }: JobRecord,
    signal: AbortSignal,
    mayPayTwice: boolean,
  ): Promise<JobRecord> {
    const begun = await this.#change(id, (stored) => ({ ...stored, status: 'running' }));
    const run: JobRun = {
      clients: this.clients,
      caller,
      outputDir: this.outputDir,
      signal,
      mayPayTwice,
      onEvent: (part, event) => {
        for (const listener of this.#listeners.get(id) ?? []) listener(part, event);
      },
      fixBackend: async (backend, instead) => {
        const fixed = await this.#change(id, (stored) =>
          stored.backend === undefined || stored.backend === instead ? { ...stored, backend } : stored,
        );
        return fixed.backend ?? backend;
      },
    };
    let end: JobEnd;
    try {
      end = await (request.kind === 'image' ? runImageJob(begun, request, run) : runSceneJob(request, run));
    } catch (error) {
      end = { images: [], failures: [{ part: id, error: jsonOf(error) }], warnings: [], cost: [] };
    }
    end = withoutFolder(end, this.outputDir);
    // Stopped with this process: the job stays open, and the next process goes on with it.
    const isStopped = this.#closing.signal.aborted && end.failures.some(({ error }) => error.kind === 'aborted');
    return this.#change(id, (stored) =>
      isStopped ? { ...stored, status: 'queued' } : { ...stored, ...end, status: statusOf(end, request) },
    );
  }

  /** Changes an open record; a cancelled one keeps its status, and what arrived meanwhile is added. */
  async #change(id: string, change: (stored: JobRecord) => JobRecord): Promise<JobRecord> {
    const record = await this.#records.update(id, (stored) => {
      const next = change(stored);
      const status = stored.status === 'cancelled' && next.status !== 'succeeded' ? 'cancelled' : next.status;
      return { ...next, status, updatedAtMs: Date.now() };
    });
    if (record === undefined)
      throw new ImageError({ kind: 'storage', outcome: 'unknown', ...say('job-unknown', { job: id }) });
    return record;
  }

  #queueOf({ key, maxConcurrent }: Caller): PQueue {
    const queue = this.#queues.get(key) ?? new PQueue();
    queue.concurrency = maxConcurrent ?? Number.POSITIVE_INFINITY;
    this.#queues.set(key, queue);
    return queue;
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
  }
}

/** An image job has succeeded with one image; a scene only when it is whole. */
function statusOf({ images, failures }: JobEnd, { kind }: JobRequest): JobStatus {
  const isWhole = failures.length === 0 || (kind === 'image' && images.length > 0);
  return isWhole ? 'succeeded' : 'failed';
}

function jsonOf(error: unknown): ImageErrorJson {
  if (ImageError.isInstance(error)) return error.toJSON();
  console.error(error);
  return new ImageError({ kind: 'internal', outcome: 'unknown', cause: error, ...say('unexpected') }).toJSON();
}

function cancelled(): ImageError {
  return new ImageError({ kind: 'aborted', outcome: 'not-submitted', ...say('job-cancelled') });
}

async function pause(
  done: Promise<unknown> | undefined,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // A timer holds at most 2^31 - 1 ms.
  const timer = setTimeout(resolve, Math.min(waitMs, 2 ** 31 - 1));
  const onAbort = (): void => resolve();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([done ?? promise, promise]);
  } catch {
    // The record says how it ended.
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
