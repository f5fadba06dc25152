import type { ImageWarning } from './warning.ts';

/** One image that `collect` has written into the sink of its index. */
export interface CollectedImage {
  /** The index of the sink. */
  readonly index: number;
  /** The seed that was really used, where the provider tells. */
  readonly seed?: number;
  /** The prompt that was really used, where the provider rewrote it. */
  readonly revisedPrompt?: string;
}

/** What was counted by the provider. */
export interface ImageUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  /** Images that the provider bills. */
  readonly images?: number;
}

/** The end of a job that brought at least one image, in the provider's order. */
export interface BackendResult {
  /** Never empty; indexes rise. */
  readonly images: readonly CollectedImage[];
  readonly warnings?: readonly ImageWarning[];
  readonly usage?: ImageUsage;
  /** The provider's request id of the last answer. */
  readonly requestId?: string;
}
