import { setTimeout as sleep } from 'node:timers/promises';
import { paintPng } from '@holodeck/emulators';
import { ImageError } from '../../src/index.ts';
import type { ImageBackend } from '../../src/index.ts';
import type { BackendCapabilities, ImageRequest, JobContext, JobHandle, Lane } from '../../src/backend.ts';

/** What one submission does instead of being taken: an error of this kind and outcome, or a job that ends so. */
export type SubmitStep =
  | 'take'
  | ImageError
  | ((context: JobContext, request: ImageRequest) => Promise<JobHandle>)
  /** Is still to call `beforeSend`; the others have. */
  | { readonly prepare: (context: JobContext) => Promise<JobHandle> };
export type CollectStep = 'deliver' | 'damaged' | 'never-ends' | ImageError;

export interface ScriptedOptions {
  /** Default `scripted`. */
  readonly name?: string;
  readonly submit?: SubmitStep[];
  readonly collect?: CollectStep[];
  /** Jobs at once at the provider; above it a refusal. */
  readonly limit?: number;
  readonly jobMs?: number;
  /** Ends a job, in place of `jobMs`. */
  readonly jobEnd?: () => Promise<void>;
  readonly slotTailMs?: number;
  readonly located?: 'found' | 'absent' | 'cannot-tell';
  readonly cancellable?: boolean;
  readonly capabilities?: Partial<BackendCapabilities>;
  readonly lane?: Lane;
}

export function refusal(kind: 'concurrency-limit' | 'rate-limit' | 'unavailable' = 'concurrency-limit'): ImageError {
  return new ImageError({
    kind,
    outcome: 'rejected',
    retryable: true,
    backend: 'scripted',
    message: `Refused (${kind}).`,
  });
}

export function fault(fields: Partial<ConstructorParameters<typeof ImageError>[0]>): ImageError {
  return new ImageError({
    kind: 'unavailable',
    outcome: 'not-submitted',
    retryable: true,
    backend: 'scripted',
    message: 'Scripted fault.',
    ...fields,
  });
}

const png = paintPng({ width: 64, height: 64, prompt: 'a test', seed: 1 });
const account: Lane = { id: 'scripted/account', label: 'account', defaultMaxConcurrent: 1 };

/** A provider in this process behind the contract: its answers are scripted, its limit is real. */
export class ScriptedBackend implements ImageBackend {
  readonly name: string;
  readonly model = 'model-1';
  readonly fingerprint = 'scripted model-1';
  readonly lanes: readonly Lane[];
  readonly capabilities: BackendCapabilities;
  readonly #options: ScriptedOptions;
  readonly #submit: SubmitStep[];
  readonly #collect: CollectStep[];
  readonly keys: string[] = [];
  submissions = 0;
  accepted = 0;
  refusals = 0;
  collections = 0;
  /** Collections that brought an image. */
  collected = 0;
  cancelled = 0;
  /** Collections of another lane's jobs. */
  foreignHandles = 0;
  running = 0;
  maxRunning = 0;
  readonly #running = new Set<string>();
  #announceCollect: (() => void) | undefined;

  constructor(options: ScriptedOptions = {}) {
    this.#options = options;
    this.name = options.name ?? 'scripted';
    this.lanes = [options.lane ?? account];
    this.#submit = [...(options.submit ?? [])];
    this.#collect = [...(options.collect ?? [])];
    this.capabilities = {
      size: { minSide: 64, maxSide: 2048 },
      maxPromptLength: 100,
      maxCount: 4,
      seed: { min: 1, max: 1000 },
      style: false,
      transparentBackground: false,
      formats: [],
      progress: 'poll',
      locatable: options.located !== undefined,
      cancellable: options.cancellable ?? false,
      billable: true,
      limitSignal: 'refusal',
      ...options.capabilities,
    };
    if (options.located !== undefined) {
      Object.assign(this, {
        locate: () =>
          options.located === 'cannot-tell'
            ? Promise.reject(fault({ outcome: 'unknown' }))
            : Promise.resolve(options.located),
        handleFor: (key: string) => this.handle(key),
      });
    }
    if (options.cancellable === true) {
      Object.assign(this, {
        cancel: () => {
          this.cancelled += 1;
          return Promise.resolve();
        },
      });
    }
  }

  /** Resolves when the next collection begins. */
  get nextCollect(): Promise<void> {
    return new Promise((resolve) => {
      this.#announceCollect = resolve;
    });
  }

  probe(): ReturnType<ImageBackend['probe']> {
    return Promise.resolve({
      backend: this.name,
      model: this.model,
      status: 'ready' as const,
      message: 'ready',
      proves: [],
      doesNotProve: [],
      checkedAtMs: 0,
      durationMs: 0,
    });
  }

  handle(key: string): JobHandle {
    return {
      version: 1,
      backend: this.name,
      lane: (this.lanes[0] as Lane).id,
      credential: '0',
      jobId: `job-${key.slice(0, 8)}`,
      key,
      acceptedAtMs: Date.now(),
    };
  }

  async submit(request: ImageRequest, context: JobContext): Promise<JobHandle> {
    const step = this.#submit.shift() ?? 'take';
    if (typeof step === 'object' && 'prepare' in step) return step.prepare(context);
    await context.beforeSend?.();
    this.submissions += 1;
    this.keys.push(context.key);
    if (step instanceof ImageError) throw step;
    if (typeof step === 'function') return step(context, request);
    const { limit = Number.POSITIVE_INFINITY, jobMs = 0, jobEnd = () => sleep(jobMs), slotTailMs = 0 } = this.#options;
    if (this.running >= limit) {
      this.refusals += 1;
      throw refusal();
    }
    this.accepted += 1;
    this.running += 1;
    this.maxRunning = Math.max(this.maxRunning, this.running);
    this.#running.add(context.key);
    void jobEnd().then(() => {
      this.#running.delete(context.key);
      if (slotTailMs === 0) this.running -= 1;
      else setTimeout(() => (this.running -= 1), slotTailMs);
    });
    return this.handle(context.key);
  }

  async collect(handle: JobHandle, context: JobContext): ReturnType<ImageBackend['collect']> {
    this.collections += 1;
    if (handle.lane !== this.lanes[0]?.id) this.foreignHandles += 1;
    this.#announceCollect?.();
    const step = this.#collect.shift() ?? 'deliver';
    if (step instanceof ImageError) throw step;
    const isOver = (): boolean => step !== 'never-ends' && !this.#running.has(handle.key);
    while (!isOver()) {
      await (context.nextPoll?.() ?? sleep(5));
      context.signal.throwIfAborted();
    }
    context.onEnded?.();
    const sink = await context.openImage(0);
    await sink.write(step === 'damaged' ? png.subarray(0, 100) : png);
    await sink.close();
    this.collected += 1;
    return { images: [{ index: 0, seed: 7 }] };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
