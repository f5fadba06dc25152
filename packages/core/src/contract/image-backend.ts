import type { BackendCapabilities } from './backend-capabilities.ts';
import type { BackendResult } from './backend-result.ts';
import type { ImageRequest, ProviderOptions } from './image-request.ts';
import type { JobContext, ProbeContext } from './job-context.ts';
import type { JobHandle } from './job-handle.ts';
import type { Lane } from './lane.ts';
import type { ProbeReport } from './probe-report.ts';

/** A look that a backend has decided on. */
export interface ResolvedLook {
  /** Takes the place of `ImageBackend.model`. */
  readonly model: string;
  /** Takes the place of `ImageBackend.fingerprint`. */
  readonly fingerprint: string;
  /** What this look can do, which may be less than what the backend declares. */
  readonly capabilities: BackendCapabilities;
  /** What makes a request be drawn in this look. */
  readonly providerOptions: ProviderOptions;
}

/** What `resolve` receives. */
export interface ResolveContext {
  readonly signal: AbortSignal;
  /** Of a look that was decided earlier. */
  readonly fingerprint?: string;
}

/**
 * A provider: without retries, queue, limits or a store, which `ImageClient` adds. The package `@holodeck/conformance` tests
 * that a backend keeps this contract.
 */
export interface ImageBackend {
  /** Such as `"hunyuan"`. Stable: locks, manifests and metrics contain it. */
  readonly name: string;
  readonly model: string;
  /** Everything that decides the look: API, model, workflow or checkpoint hash. Backends with equal fingerprints draw alike. */
  readonly fingerprint: string;
  readonly capabilities: BackendCapabilities;
  /** At least one. */
  readonly lanes: readonly Lane[];
  /** Checks the provider; free, without a job slot. Throws only when aborted. */
  probe(context: ProbeContext): Promise<ProbeReport>;
  /**
   * Makes ready what `submit` needs, such as a vendor's SDK. Awaited before a task waits for its turn, so that no deadline and no measured
   * time of the first job contains it. It may be called for every task; what is not there, `submit` says.
   */
  makeReady?(): Promise<void>;
  /**
   * May cost money. Makes exactly one submission, without a retry. Throws an `ImageError` only with outcome `not-submitted`,
   * `rejected`, `failed`, `lost` or `unknown`.
   */
  submit(request: ImageRequest, context: JobContext): Promise<JobHandle>;
  /**
   * Waits for the job and fetches its images. Free and repeatable, also in another process. Throws an
   * `ImageError` with outcome `accepted` (try `collect` again), `failed`, `lost`, or `unknown`.
   */
  collect(handle: JobHandle, context: JobContext): Promise<BackendResult>;
  /**
   * Only of a backend whose look depends on what its servers have: decides now which of it is used, for the life of the backend.
   * With `fingerprint`, gives the look that was decided earlier, without asking anybody: `submit` then throws an `ImageError` of
   * code `look-gone` when a server no longer has what it needs.
   *
   * @returns undefined when these options can never give the look of `fingerprint`.
   * @throws ImageError when nothing can be decided, such as `unavailable` for a server that does not answer.
   */
  resolve?(context: ResolveContext): Promise<ResolvedLook | undefined>;
  /** Whether the submission with this key arrived. Throws if that is unknown. Only if `capabilities.locatable`. */
  locate?(key: string, context: JobContext): Promise<'found' | 'absent'>;
  /** The handle of a submission that `locate` found. Only if `capabilities.locatable`. */
  handleFor?(key: string, context: JobContext): JobHandle;
  /** Cancels the job at the provider. Only if `capabilities.cancellable`. */
  cancel?(handle: JobHandle, context: JobContext): Promise<void>;
  /**
   * Cancels a whole batch at the provider; only of a backend whose handles have a `batchId`. Images that it has made stay paid
   * and can be collected; nothing is owed for the others.
   * @throws {ImageError} when the service refuses or cannot be reached; the batch then goes on.
   */
  cancelBatch?(batchId: string, signal: AbortSignal): Promise<void>;
  /** Frees sockets and timers. Jobs at the provider continue. */
  close(): Promise<void>;
}
