import type { BackendCapabilities } from './backend-capabilities.ts';
import type { BackendResult } from './backend-result.ts';
import type { ImageRequest } from './image-request.ts';
import type { JobContext, ProbeContext } from './job-context.ts';
import type { JobHandle } from './job-handle.ts';
import type { Lane } from './lane.ts';
import type { ProbeReport } from './probe-report.ts';

/**
 * What a provider can do, and nothing about how it is driven: no retry, no queue, no limit, no store. `ImageClient`
 * drives any backend. The package `@holodeck/conformance` tests that a backend keeps this contract.
 */
export interface ImageBackend {
  /** Such as `"hunyuan"`. Stable: it stands in locks, manifests and metrics. */
  readonly name: string;
  readonly model: string;
  /** What decides the look: API, model, workflow or checkpoint hash. Two backends with equal fingerprints draw alike. */
  readonly fingerprint: string;
  readonly capabilities: BackendCapabilities;
  /** At least one. */
  readonly lanes: readonly Lane[];
  /** Free, and takes no job slot. Reports; throws only when aborted. */
  probe(context: ProbeContext): Promise<ProbeReport>;
  /**
   * May cost money. Exactly one submission, no retry inside. Throws an `ImageError` only with outcome `not-submitted`,
   * `rejected`, `failed`, `lost` or `unknown`.
   */
  submit(request: ImageRequest, context: JobContext): Promise<JobHandle>;
  /**
   * Waits for the job and fetches its images. Free and repeatable; also the way to resume in another process. Throws an
   * `ImageError` with outcome `accepted` (try `collect` again), `failed`, `lost`, or `unknown`.
   */
  collect(handle: JobHandle, context: JobContext): Promise<BackendResult>;
  /** Did the submission with that key arrive? Throws when it cannot tell. Only where `capabilities.locatable`. */
  locate?(key: string, context: JobContext): Promise<'found' | 'absent'>;
  /**
   * After `locate` said `found`: the handle of that submission. Only where `capabilities.locatable`.
   */
  handleFor?(key: string, context: JobContext): JobHandle;
  /** Stops the job at the provider. Only where `capabilities.cancellable`. */
  cancel?(handle: JobHandle, context: JobContext): Promise<void>;
  /** Frees sockets and timers. Jobs at the provider go on. */
  close(): Promise<void>;
}
