import type { Cost } from '../cost/cost.ts';
import type { ImageError, ImageUsage, ImageWarning } from '../contract/index.ts';

/** One finished image: exactly one of `path` and `bytes`. */
export interface GeneratedImage {
  /** Absolute path of the file. */
  readonly path?: string;
  /** The encoded picture, if there is no file. */
  readonly bytes?: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** From the bytes, never from a header or a name. */
  readonly mediaType: string;
  /** Lowercase hex. */
  readonly sha256: string;
  readonly byteLength: number;
  readonly seed?: number;
  readonly revisedPrompt?: string;
  /** What else the provider said of it: plain JSON of at most 4 KiB. */
  readonly providerMetadata?: Readonly<Record<string, unknown>>;
}

/** Where a task's time went, in milliseconds. */
export interface GenerationTimings {
  /** Waiting for a permit. */
  readonly queuedMs: number;
  /** From the first submission's start until its acceptance. */
  readonly submitMs?: number;
  /** From acceptance until the job ended at the provider. */
  readonly providerMs?: number;
  /** From the job's end until its files were on disk. */
  readonly downloadMs?: number;
  readonly totalMs: number;
}

interface GenerationResultBase {
  readonly taskId: string;
  readonly scope: string;
  readonly backend: string;
  readonly model: string;
  /** The provider's id of the last job. */
  readonly jobId?: string;
  readonly timings: GenerationTimings;
  /** Submissions of this call, tried ones included. */
  readonly attempts: number;
  /** Accepted submissions of this task, over all calls. */
  readonly paidAttempts: number;
  readonly warnings: readonly ImageWarning[];
  readonly usage?: ImageUsage;
  /**
   * The estimated cost of the task by the price list, over all calls; the provider's bill decides. Absent in results that were
   * made without a client.
   */
  readonly cost?: Cost;
  /** The task's own metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A task with at least one image. */
export interface GenerationSuccess extends GenerationResultBase {
  readonly success: true;
  /** Never empty; in the provider's order. */
  readonly images: readonly [GeneratedImage, ...GeneratedImage[]];
  /**
   * Files that the job made beside its images, such as the `.glb` of a 3D node, with absolute paths beside the first image. A
   * warning names them. Absent = none.
   */
  readonly extraFiles?: ImageWarning['files'];
  /** `generated` = submitted in this call; `resumed` = submitted earlier; `cache` = from the result cache. */
  readonly source: 'generated' | 'resumed' | 'cache';
}

/** A task without an image; `error.outcome` says whether something was paid. */
export interface GenerationFailure extends GenerationResultBase {
  readonly success: false;
  readonly error: ImageError;
}

/** The result of a task. `generate` resolves with it and does not throw. */
export type GenerationResult = GenerationSuccess | GenerationFailure;
