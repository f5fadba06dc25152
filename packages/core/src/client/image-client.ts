import { ImageError, invalidRequest } from '../contract/index.ts';
import type { ImageBackend, ProbeReport } from '../contract/index.ts';
import { systemClock } from '../internal/clock.ts';
import { silentLogger } from '../internal/silent-logger.ts';
import { createMemoryPermits } from '../stores/memory/memory-permits.ts';
import { createMemoryStore } from '../stores/memory/memory-store.ts';
import { createOwner } from '../stores/owner.ts';
import type { PermitStore } from '../stores/permit-store.ts';
import type { Store } from '../stores/store.ts';
import type { TaskRow } from '../stores/task-store.ts';
import { abortError } from '../tasks/as-image-error.ts';
import { asyncPool } from './async-pool.ts';
import { AbandonedJobMonitor } from '../polling/abandoned-job-monitor.ts';
import type { ClientEnvironment } from './client-environment.ts';
import { say } from './client-messages.ts';
import { clientStats } from './client-stats.ts';
import type { ClientStats } from './client-stats.ts';
import type { GenerationFailure, GenerationResult, GenerationSuccess } from '../tasks/generation-result.ts';
import type { GenerationTask } from '../request/generation-task.ts';
import type { GenerateOptions, ImageClientOptions } from './image-client-options.ts';
import { yieldsToHealthyLane } from '../limits/lane-choice.ts';
import { LaneScheduler } from '../limits/lane-scheduler.ts';
import { LaneTurns } from '../limits/lane-turns.ts';
import { LaneHealth } from '../limits/lane-health.ts';
import { Deadlines } from '../tasks/deadline.ts';
import { changedSinceLastRun, openRows } from '../tasks/open-rows.ts';
import { Ordinals } from '../request/ordinals.ts';
import { planTask } from '../request/plan-task.ts';
import type { TaskPlan } from '../request/plan-task.ts';
import { probeBackend } from './probe-backend.ts';
import type { ProbeOptions } from './probe-backend.ts';
import { resolveOptions } from './resolve-options.ts';
import type { RunOptions } from '../tasks/run-context.ts';
import { identifyTask, refusedTask } from '../request/task-identity.ts';
import { resumeTask, runTask } from '../tasks/task-run.ts';
import { StorageBreaker } from './storage-breaker.ts';
import { TaskRuns } from './task-runs.ts';
import { spoolIn, TaskStores } from './task-stores.ts';
import type { TaskStoreLocation } from './task-stores.ts';
import { refuseOutside, refuseOutsideRow } from '../files/output-confinement.ts';
import { placeOf, targetOfRow } from '../files/output-target.ts';
import type { OutputTarget } from '../files/output-target.ts';

/** The first pause after a refusal, in milliseconds; it doubles up to `retryMaxMs`. */
const pauseBaseMs = 50;

/**
 * Drives any backend: queue and limits, retries that never pay twice, state on disk, resume.
 *
 * ```ts
 * const client = new ImageClient(backend, { outputDir: 'output' });
 * const result = await client.generate({ prompt: '雨夜的面馆' });
 * ```
 */
export class ImageClient {
  readonly backend: ImageBackend;
  readonly #environment: ClientEnvironment;
  readonly #permits: PermitStore;
  readonly #ownPermits: boolean;
  readonly #stores: TaskStores;
  readonly #closing = new AbortController();
  readonly #ordinals = new Ordinals();
  readonly #plannedOrdinals = new Ordinals();
  readonly #runs = new TaskRuns();
  /** Output paths of running tasks: another task must not overwrite a paid image. */
  readonly #places = new Set<string>();
  readonly #stopObserving: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** @throws {ImageError} kind `invalid-request` for an unknown option or a value out of range. */
  constructor(backend: ImageBackend, options: ImageClientOptions = {}) {
    const resolved = resolveOptions(options);
    this.backend = backend;
    if (backend.lanes.length === 0) {
      throw invalidRequest(say('no-lane', { backend: backend.name }), { backend: backend.name });
    }
    const clock = options.internal?.clock ?? systemClock;
    const random = options.internal?.random ?? Math.random;
    const logger = options.logger ?? silentLogger;
    const owner = createOwner();
    this.#permits = options.permits ?? createMemoryPermits({ internal: { clock } });
    this.#ownPermits = options.permits === undefined;
    const lanes = new Map(
      backend.lanes.map((lane) => {
        const told = lane.collectOnly === true ? undefined : options.maxConcurrent;
        const maxConcurrent = told ?? lane.defaultMaxConcurrent;
        const pauses = { pauseBaseMs: Math.min(pauseBaseMs, resolved.retryMaxMs), pauseMaxMs: resolved.retryMaxMs };
        return [
          lane.id,
          new LaneScheduler({
            lane,
            maxConcurrent,
            limitSignal: backend.capabilities.limitSignal,
            permits: this.#permits,
            owner: owner.id,
            clock,
            random,
            logger,
            yieldsToHealthyLane: () => yieldsToHealthyLane(this.#environment, lane.id),
            ...pauses,
          }),
        ];
      }),
    );
    const health = new Map(backend.lanes.map(({ id }) => [id, new LaneHealth(backend.name, clock)]));
    const storageBreaker = new StorageBreaker(clock);
    this.#environment = {
      backend,
      options: resolved,
      owner,
      clock,
      random,
      logger,
      lanes,
      health,
      abandonedJobs: new AbandonedJobMonitor(backend, clock),
      deadlines: new Deadlines(backend, clock, resolved.timeoutMs),
      closing: this.#closing.signal,
      counters: { submissions: 0, accepted: 0, done: 0, resumed: 0, cached: 0, failed: 0, unknown: 0, polls: 0 },
      get storageFault() {
        return storageBreaker.current;
      },
      set storageFault(error) {
        if (error !== undefined) storageBreaker.note(error);
      },
    };
    this.#stopObserving = options.telemetry?.observe(() => this.stats());
    this.#stores = new TaskStores(owner, resolved, () => createMemoryStore({ internal: { clock } }));
  }

  /** The folder of its images and its store; undefined if results contain bytes. */
  get outputDir(): string | undefined {
    return this.#environment.options.outputDir;
  }

  /** Makes the images of one task. Never rejects; the result says whether it succeeded. */
  async generate(task: GenerationTask, options: GenerateOptions = {}): Promise<GenerationResult> {
    const { backend } = this;
    const { onUnsupported, outputDir } = this.#environment.options;
    let identity: Awaited<ReturnType<typeof identifyTask>>;
    try {
      this.#assertOpen();
      await refuseOutside(task?.outputPath, this.#environment.options);
      identity = await identifyTask(task, backend, onUnsupported, outputDir, this.#ordinals, options.signal);
    } catch (error) {
      return this.#refused(task, error, options);
    }
    const { scope, taskId, prepared, target, release, overwrite } = identity;
    const key = runKey(scope, taskId, prepared.hash);
    const same = this.#runs.joined(key, target);
    if (same !== undefined) return same;
    const place = target === undefined ? undefined : placeOf(target);
    if (place !== undefined) {
      if (this.#places.has(place)) {
        release();
        return this.#refused(
          { ...task, taskId, scope },
          invalidRequest(say('same-file', { path: place }), { backend: backend.name }),
          options,
        );
      }
      this.#places.add(place);
    }
    const work = async (): Promise<GenerationResult> => {
      let location: TaskStoreLocation;
      try {
        location = await this.#stores.for(target);
      } catch (error) {
        return this.#refused({ ...task, taskId, scope }, error, options);
      }
      return runTask(
        {
          ...this.#runOptions(location, target, options),
          scope,
          taskId,
          target,
          priority: task.priority ?? 0,
          overwrite,
          metadata: task.metadata,
          warnings: prepared.warnings,
        },
        prepared,
      );
    };
    // Not awaited: thousands of tasks wait for hours, and each call that waits with them takes memory.
    return this.#runs.start(key, { target, isResumed: false }, work, (result) => {
      if (result?.success === false) release();
      if (place !== undefined) this.#places.delete(place);
    });
  }

  /** Like `generate`, but throws on failure. @throws {ImageError} */
  async generateOrThrow(task: GenerationTask, options: GenerateOptions = {}): Promise<GenerationSuccess> {
    const result = await this.generate(task, options);
    if (result.success) return result;
    throw result.error;
  }

  /** Runs all tasks; results are in the order of the tasks, each with its own success or failure. */
  async generateBatch(tasks: readonly GenerationTask[], options: GenerateOptions = {}): Promise<GenerationResult[]> {
    return Promise.all(tasks.map((task) => this.generate(task, options)));
  }

  /**
   * Runs tasks from a source and yields results as they finish. Draws only as many tasks as can run, so memory stays bounded.
   * Ending the iteration early draws no more; running tasks are finished.
   */
  generateStream(
    tasks: Iterable<GenerationTask> | AsyncIterable<GenerationTask>,
    options: GenerateOptions = {},
  ): AsyncIterable<GenerationResult> {
    return asyncPool(
      tasks,
      () => this.#streamWidth(),
      (task) => this.generate(task, options),
    );
  }

  /**
   * What `generate` would do with a task, and what it would cost. Sends and writes nothing. Never rejects. Numbers tasks as
   * `generate` does.
   */
  async plan(task: GenerationTask): Promise<TaskPlan> {
    const { backend } = this;
    const { owner, options } = this.#environment;
    const { onUnsupported, outputDir, cache, costGate, resubmitUnknown, noRepay = false } = options;
    const metadata = task?.metadata === undefined ? {} : { metadata: task.metadata };
    try {
      this.#assertOpen();
      await refuseOutside(task?.outputPath, this.#environment.options);
      const identity = await identifyTask(task, backend, onUnsupported, outputDir, this.#plannedOrdinals);
      const location = await this.#stores.peek(identity.target);
      const plan = { backend, identity, location, ownerId: owner.id, cache, costGate, resubmitUnknown, noRepay };
      return { ...(await planTask(plan)), ...metadata };
    } catch (thrown) {
      const { error, taskId, scope, model } = refusedTask(task, thrown, backend);
      const cost = { paidSubmissions: 0 };
      return { taskId, scope, backend: backend.name, model, action: 'refuse', cost, error, ...metadata };
    }
  }

  /**
   * Finishes what a dead process paid for, from the store of `outputDir`. Makes no submission. Yields a result for each open task;
   * if it is unknown whether a submission arrived, the outcome is `unknown`. A backend with `locate` is also asked about earlier
   * `unknown` tasks, which are yielded once it knows.
   */
  async *resume(
    options: GenerateOptions & { readonly scope?: string } = {},
  ): AsyncGenerator<GenerationResult, void, undefined> {
    this.#assertOpen();
    const { outputDir } = this.#environment.options;
    const location = await this.#stores.forFolder(outputDir);
    const rows = openRows(location.store, this.#environment, options.scope);
    const turns = new LaneTurns(this.#environment.lanes.values());
    const results = asyncPool(
      rows,
      () => turns.width,
      async (row) => ({ row, result: await turns.take(row.lane, () => this.#resume(row, location, options)) }),
    );
    for await (const { row, result } of results) if (changedSinceLastRun(row, result)) yield result;
  }

  async #resume(row: TaskRow, location: TaskStoreLocation, options: GenerateOptions): Promise<GenerationResult> {
    const { scope, taskId, requestHash, outputPath, metadata, warnings = [] } = row;
    try {
      await refuseOutsideRow(row, location.folder, this.#environment.options);
    } catch (error) {
      return this.#refused({ prompt: '', ...row }, error, options);
    }
    const target = targetOfRow(outputPath, location.folder, taskId);
    const run = {
      ...this.#runOptions(location, target, options),
      scope,
      taskId,
      target,
      priority: 0,
      overwrite: false,
      metadata,
      warnings,
    };
    const key = runKey(scope, taskId, requestHash);
    return this.#runs.start(key, { target, isResumed: true }, () => resumeTask(run, row));
  }

  /** Checks the backend, free of charge, within 3 s by default. Throws only on abort. */
  async probe(options: ProbeOptions = {}): Promise<ProbeReport> {
    this.#assertOpen();
    return probeBackend(this.backend, this.#environment, options);
  }

  /** Counts since the client was created, and the state of each lane. */
  stats(): ClientStats {
    return clientStats(this.#environment);
  }

  /** The store of `outputDir`, or the one in memory. The client closes it. */
  async openStore(): Promise<Store> {
    this.#assertOpen();
    return (await this.#stores.forFolder(this.#environment.options.outputDir)).store;
  }

  /**
   * Stops running tasks, waits for them, and frees sockets, timers and the store. Accepted jobs stay resumable; with a store in
   * memory they are cancelled, if the backend can.
   *
   * @param options `drain`: submissions on the wire first get their answers (within `timeoutMs`). Default false: those of a provider
   * that draws while it answers (OpenAI) are cut, and their images are lost.
   */
  async close(options: { readonly drain?: boolean } = {}): Promise<void> {
    this.#closed ??= this.#close(options);
    await this.#closed;
  }

  async #close({ drain = false }: { readonly drain?: boolean }): Promise<void> {
    const closing = { kind: 'aborted', outcome: 'not-submitted', backend: this.backend.name, retryable: true } as const;
    this.#closing.abort(Object.assign(new ImageError({ ...closing, ...say('client-closing') }), { drain }));
    await this.#runs.ended();
    this.#stopObserving?.();
    // The monitor first: otherwise slots that it releases would wait for their tails and keep the process alive.
    await this.#environment.abandonedJobs.close();
    for (const lane of this.#environment.lanes.values()) await lane.close();
    await this.backend.close();
    await this.#stores.close();
    if (this.#ownPermits) await this.#permits.close();
  }

  #assertOpen(): void {
    if (!this.#closing.signal.aborted) return;
    throw abortError(this.#closing.signal, { outcome: 'not-submitted', ...say('client-closed') });
  }

  #refused(task: GenerationTask, error: unknown, { onProgress }: GenerateOptions): GenerationFailure {
    const result = refusedTask(task, error, this.backend, onProgress);
    const { backend, model, taskId, scope } = result;
    this.#environment.options.telemetry?.startTask({ backend, model, taskId, scope, resuming: false }).end(result, 0);
    return result;
  }

  #streamWidth(): number {
    let permits = 0;
    for (const { lane, limit } of this.#environment.lanes.values()) if (lane.collectOnly !== true) permits += limit;
    return permits * 2 + 8;
  }

  #runOptions(
    location: TaskStoreLocation,
    target: OutputTarget | undefined,
    options: GenerateOptions,
  ): Pick<RunOptions, 'environment' | 'store' | 'folder' | 'spoolDirectory' | 'signal' | 'onProgress'> {
    const { store, folder, spoolDirectory } = location;
    const beside = this.#environment.options.store === undefined ? undefined : target?.directory;
    return {
      environment: this.#environment,
      store,
      folder,
      spoolDirectory: spoolDirectory ?? (beside === undefined ? undefined : spoolIn(beside)),
      signal: options.signal,
      onProgress: options.onProgress,
    };
  }
}

function runKey(scope: string, taskId: string, requestHash: string): string {
  return JSON.stringify([scope, taskId, requestHash]);
}
