import type { ImageErrorJson, ImageFormat, ImageUsage, ImageWarning, Money, ProviderOptions } from '@holodeck/core';
import type { CardView, SceneObject } from '@holodeck/hybrid';

/** Where a job stands. Only the last three are final. */
export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A reference that a job keeps: a file in the output folder. */
export interface JobReference {
  /** Relative to the output folder. */
  readonly path: string;
}

/** What an image job makes. */
export interface ImageJobRequest {
  readonly kind: 'image';
  readonly prompt: string;
  /** A backend's name, or `"auto"`: the first that is available. */
  readonly backend: string;
  /** Images; each is a task of its own. */
  readonly count: number;
  readonly size?: string;
  readonly seed?: number;
  readonly negativePrompt?: string;
  readonly style?: string;
  readonly background?: 'transparent' | 'opaque';
  readonly format?: ImageFormat;
  readonly references?: readonly JobReference[];
  /** Options of the chosen backend, which checks them. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether previews are wanted, from backends that send some. */
  readonly previews?: boolean;
  /** The session under whose lock the images are made. Default: none. */
  readonly session?: string;
}

/** An object of a scene job. */
export interface SceneJobObject extends SceneObject {
  /** Its sides, with the front among them. Default: the front alone. */
  readonly views?: readonly CardView[];
}

/** What a scene job makes: the scene reference, then the cards. Absent text = cards of a scene that exists. */
export interface SceneJobRequest {
  readonly kind: 'scene';
  readonly session: string;
  readonly text?: string;
  readonly style?: string;
  readonly size?: string;
  readonly seed?: number;
  readonly objects: readonly SceneJobObject[];
  /** What happens if the session's backend is down. Default `fail`. */
  readonly policy?: 'fail' | 'wait' | 'restart';
  /** Makes one image again, in place of all: `scene-reference`, `card/<id>` or `card/<id>/<view>`. */
  readonly again?: { readonly asset: string; readonly seed?: number };
  /** Options of backends, by their names. */
  readonly providerOptions?: Readonly<Record<string, ProviderOptions>>;
  /** Makes cards without a scene reference. Default false. */
  readonly withoutReference?: boolean;
}

/** What a job makes. */
export type JobRequest = ImageJobRequest | SceneJobRequest;

/** An image of a finished job. */
export interface JobImage {
  /** Relative to the output folder, with `/`. */
  readonly path: string;
  /** `scene-reference` or `card/<id>`, of a scene job. */
  readonly asset?: string;
  readonly mediaType: string;
  readonly width: number;
  readonly height: number;
  readonly byteLength: number;
  /** Lowercase hex. */
  readonly sha256: string;
  readonly seed?: number;
  readonly revisedPrompt?: string;
}

/** One part of a job that failed: a task of an image job, an asset of a scene. */
export interface JobFailure {
  readonly part: string;
  readonly error: ImageErrorJson;
}

/** A job as the store keeps it. Plain JSON. */
export interface JobRecord {
  readonly id: string;
  /** Name of the key that started it; `""` without keys. */
  readonly key: string;
  readonly request: JobRequest;
  /** Hash of the request, to tell a repetition from another request under the same idempotency key. */
  readonly requestHash: string;
  readonly status: JobStatus;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Id of the store's owner that runs it. */
  readonly owner?: string;
  /** The backend that its tasks go to. Set before anything is sent, so that no other process pays another one. */
  readonly backend?: string;
  readonly model?: string;
  readonly images: readonly JobImage[];
  readonly failures: readonly JobFailure[];
  readonly warnings: readonly ImageWarning[];
  /** Estimated, by currency. */
  readonly cost: readonly Money[];
  readonly usage?: ImageUsage;
  /** Where its end is reported. */
  readonly webhook?: string;
  /** Whether the webhook has been delivered or given up. */
  readonly notified?: boolean;
}

/** Whether a job is over. */
export function isFinal({ status }: Pick<JobRecord, 'status'>): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** A failure that left nothing at the provider and may be gone by now: the same request may be tried again. */
export function isRepeatable({ status, failures }: JobRecord): boolean {
  return (
    status === 'failed' &&
    failures.every(
      ({ error }) => error.retryable && (error.outcome === 'not-submitted' || error.outcome === 'rejected'),
    )
  );
}
