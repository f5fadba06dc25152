import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { ImageClient, ImageError, parseSize } from '@holodeck/core';
import { isLegalOutcome } from '@holodeck/core/backend';
import type { GenerationTask, ImageBackend, ImageClientOptions, ImageErrorOutcome } from '@holodeck/core';
import type { BackendResult, ImageRequest, JobHandle, Lane } from '@holodeck/core/backend';
import type { SuiteRunner } from '../suite-runner.ts';
import type { BackendHarness, BackendVariant, HarnessFault, SeenSubmission } from './backend-harness.ts';
import { capturingLogger, RecordingContext } from './recording-context.ts';
import { SkippedTest } from './skipped-test.ts';

/** The outcomes with which each step may fail. */
const outcomesOf: Readonly<Record<'submit' | 'collect', readonly ImageErrorOutcome[]>> = {
  submit: ['not-submitted', 'rejected', 'failed', 'lost', 'unknown'],
  collect: ['accepted', 'failed', 'lost', 'unknown'],
};

export const samplePrompt = '雨夜的面馆, a noodle bar on a rainy night';

/** The context that an assertion wants. */
interface ContextOptions {
  readonly backend?: ImageBackend;
  /** Default: the first of the backend. */
  readonly lane?: Lane;
  /** Without a spool folder. Default false. */
  readonly inMemory?: boolean;
  /** Default: a fresh one. */
  readonly key?: string;
}

interface CollectOptions {
  readonly backend?: ImageBackend;
  readonly context?: RecordingContext;
}

interface CollectedJob {
  readonly result: BackendResult;
  readonly context: RecordingContext;
}

/** What one assertion uses: a fresh server, a backend, and ways to use and check it. */
export class BackendFixture {
  readonly harness: BackendHarness;
  readonly expect: SuiteRunner['expect'];
  readonly backend: ImageBackend;
  /** A folder of this assertion alone. */
  readonly folder: string;
  /** All logged lines. */
  readonly logged: unknown[] = [];
  readonly #drafts = new Map<string, JobHandle>();
  readonly #patienceMs: number;
  readonly #opened: { close(): Promise<void> }[] = [];

  private constructor(
    harness: BackendHarness,
    backend: ImageBackend,
    parts: { readonly expect: SuiteRunner['expect']; readonly patienceMs: number; readonly folder: string },
  ) {
    this.harness = harness;
    this.backend = backend;
    this.expect = parts.expect;
    this.folder = parts.folder;
    this.#patienceMs = parts.patienceMs;
    this.#opened.push(backend);
  }

  static async create(
    harness: BackendHarness,
    expect: SuiteRunner['expect'],
    patienceMs: number,
  ): Promise<BackendFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'holodeck-conformance-'));
    return new BackendFixture(harness, await harness.createBackend(), { expect, patienceMs, folder });
  }

  get lane(): Lane {
    const [lane] = this.backend.lanes;
    if (lane === undefined) throw new Error('The backend has no lane.');
    return lane;
  }

  /** Ends the assertion: it does not apply. */
  skip(reason: string): never {
    throw new SkippedTest(reason);
  }

  /** Another instance, as in another process. */
  async another(): Promise<ImageBackend> {
    return this.#keep(await this.harness.createBackend());
  }

  async variant(variant: BackendVariant): Promise<ImageBackend> {
    const create = this.harness.variants[variant];
    if (typeof create === 'string') return this.skip(create);
    return this.#keep(await create());
  }

  client(options: ImageClientOptions = {}, backend: ImageBackend = this.backend): ImageClient {
    const quick = { retryBaseMs: 5, retryMaxMs: 20, logger: capturingLogger(this.logged) };
    const client = new ImageClient(backend, { ...quick, ...options });
    // Before the backends, because it closes its own.
    this.#opened.unshift(client);
    return client;
  }

  async provoke(fault: HarnessFault): Promise<void> {
    const turnOn = this.harness.faults[fault];
    if (typeof turnOn === 'string') this.skip(turnOn);
    await turnOn();
  }

  async calm(): Promise<void> {
    await this.harness.calm();
  }

  /** A task of the suite, with what the harness adds to each. */
  task(changes: Partial<GenerationTask> = {}): GenerationTask {
    const { request = {} } = this.harness;
    const own = { ...request.providerOptions?.[this.backend.name], ...changes.providerOptions?.[this.backend.name] };
    const providerOptions = { ...request.providerOptions, ...changes.providerOptions, [this.backend.name]: own };
    return { prompt: samplePrompt, ...request, ...changes, providerOptions };
  }

  /** The same in the form that `submit` receives. */
  request(changes: Partial<ImageRequest> = {}): ImageRequest {
    const { prompt, size, providerOptions } = this.task();
    return {
      prompt,
      size: parseSize(size),
      count: 1,
      references: [],
      providerOptions: providerOptions?.[this.backend.name] ?? {},
      ...changes,
    };
  }

  context(options: ContextOptions = {}): RecordingContext {
    const { backend = this.backend, inMemory = false, key } = options;
    const { lane = backend.lanes[0] ?? this.lane } = options;
    const parts = {
      lane,
      logged: this.logged,
      key,
      spoolDirectory: inMemory ? undefined : this.folder,
      drafts: this.#drafts,
    };
    return new RecordingContext(parts);
  }

  async submit(changes: Partial<ImageRequest> = {}, context: RecordingContext = this.context()): Promise<JobHandle> {
    return this.within(this.backend.submit(this.request(changes), context), 'submit');
  }

  /** Collects to the end; returns the result and its context. */
  async collect(handle: JobHandle, options: CollectOptions = {}): Promise<CollectedJob> {
    const { backend = this.backend, context = this.context({ backend }) } = options;
    const result = await this.within(backend.collect(handle, context), 'collect');
    return { result, context };
  }

  /** Rejects when something does not settle in time, so that a hanging backend fails the test. */
  async within<T>(promise: Promise<T>, what: string): Promise<T> {
    const over = new AbortController();
    const late = delay(this.#patienceMs, undefined, { signal: over.signal }).then(() => {
      throw new Error(`${what} did not settle within ${this.#patienceMs} ms.`);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      over.abort();
      late.catch(() => undefined);
    }
  }

  /** Resolves as soon as something holds. */
  async until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + this.#patienceMs;
    while (!(await check())) {
      if (performance.now() > deadline) throw new Error(`Within ${this.#patienceMs} ms it did not happen: ${what}.`);
      await delay(5);
    }
  }

  /** The error of a failing step, after a check of the rules for all errors. */
  async failureOf(step: 'submit' | 'collect', promise: Promise<unknown>): Promise<ImageError> {
    let thrown: unknown;
    try {
      await this.within(promise, step);
    } catch (error) {
      thrown = error;
    }
    if (thrown === undefined) throw new Error(`${step} succeeded, but was expected to fail.`);
    if (!ImageError.isInstance(thrown)) {
      throw new Error(`${step} threw something that is not an ImageError: ${inspect(thrown)}`);
    }
    this.judge(step, thrown);
    return thrown;
  }

  /** Checks the rules for all errors. */
  judge(step: 'submit' | 'collect', error: ImageError): void {
    const { kind, outcome, message } = error;
    this.expect(isLegalOutcome(kind, outcome), `legal: kind ${kind} with outcome ${outcome} (${message})`).toBe(true);
    this.expect(outcomesOf[step], `outcomes of ${step} (${message})`).toContain(outcome);
    this.expect(error.backend, 'the backend of the error').toBe(this.backend.name);
    this.expect(message.trim(), 'the message of the error').not.toBe('');
    this.expect(JSON.parse(JSON.stringify(error)), 'the JSON of the error').toMatchObject({ kind, outcome, message });
  }

  async expectSubmissions(count: number): Promise<void> {
    this.expect(await this.harness.submissions(), 'submissions that reached the server').toBe(count);
  }

  async lastSubmission(): Promise<SeenSubmission> {
    const seen = await this.harness.lastSubmission();
    return typeof seen === 'string' ? this.skip(seen) : seen;
  }

  /** Closes everything, whether or not the assertion passed. */
  async dispose(): Promise<void> {
    await this.harness.calm();
    for (const opened of this.#opened) await this.within(opened.close(), 'close');
    await this.harness.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }

  #keep(backend: ImageBackend): ImageBackend {
    this.#opened.push(backend);
    return backend;
  }
}
