import type { BackendCapabilities } from './backend-capabilities.ts';
import type { BackendResult } from './backend-result.ts';
import type { ImageRequest } from './image-request.ts';
import type { JobContext, ProbeContext } from './job-context.ts';
import type { JobHandle } from './job-handle.ts';
import type { Lane } from './lane.ts';
import type { ProbeReport } from './probe-report.ts';

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
   * May cost money. Makes exactly one submission, without a retry. Throws an `ImageError` only with outcome `not-submitted`,
   * `rejected`, `failed`, `lost` or `unknown`.
   */
  submit(request: ImageRequest, context: JobContext): Promise<JobHandle>;
  /**
   * Waits for the job and fetches its images. Free and repeatable, also in another process. Throws an
   * `ImageError` with outcome `accepted` (try `collect` again), `failed`, `lost`, or `unknown`.
   */
  collect(handle: JobHandle, context: JobContext): Promise<BackendResult>;
  /** Whether the submission with this key arrived. Throws if that is unknown. Only if `capabilities.locatable`. */
  locate?(key: string, context: JobContext): Promise<'found' | 'absent'>;
  /** The handle of a submission that `locate` found. Only if `capabilities.locatable`. */
  handleFor?(key: string, context: JobContext): JobHandle;
  /** Cancels the job at the provider. Only if `capabilities.cancellable`. */
  cancel?(handle: JobHandle, context: JobContext): Promise<void>;
  /** Frees sockets and timers. Jobs at the provider continue. */
  close(): Promise<void>;
}
