import type { ImageWarning } from './warning.ts';

/** One image that `collect` has written into the sink of its index. */
export interface CollectedImage {
  /** The index of the sink. */
  readonly index: number;
  /** The seed that was used, if the provider reports it. */
  readonly seed?: number;
  /** The prompt that was used, if the provider rewrote it. */
  readonly revisedPrompt?: string;
  /** What else the provider says of it: plain JSON of at most 4 KiB, without secrets and signed addresses. */
  readonly providerMetadata?: Readonly<Record<string, unknown>>;
}

/** The provider's counts. */
export interface ImageUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  /** Images that the provider bills. */
  readonly images?: number;
}

/** The result of a job with at least one image. */
export interface BackendResult {
  /** In the provider's order: never empty, with rising indexes. */
  readonly images: readonly CollectedImage[];
  readonly warnings?: readonly ImageWarning[];
  readonly usage?: ImageUsage;
  /** The provider's request id of the last answer. */
  readonly requestId?: string;
}
