import type { ImageError } from '@holodeck/core';
import type { AssetResult } from './asset-result.ts';
import { assertPolicy } from '../hybrid-options.ts';
import type { LockedBackendDownPolicy } from '../internal/hybrid-context.ts';
import type { AssetProgress } from './asset-progress.ts';

/** Options of one call. */
export interface HybridCallOptions {
  /**
   * Ends waits; jobs that were accepted stay resumable. With `drain: true` in its reason, a submission on the wire first gets its answer:
   * OpenAI draws meanwhile, and charges for the image even if it is not awaited. See `GenerateOptions.signal` for `keep`.
   */
  readonly signal?: AbortSignal;
  /** Receives what happens while images are made; nothing for those that exist. An exception that it throws changes nothing. */
  readonly onProgress?: (progress: AssetProgress) => void;
  /**
   * Receives each result of the call once, as soon as it is known: also those of images that exist, and failures. The views of an object
   * come together. An exception that it throws changes nothing.
   */
  readonly onResult?: (result: AssetResult) => void;
  /** What happens when the backend of the locked session cannot be used. Default: the client's. */
  readonly onLockedBackendDown?: LockedBackendDownPolicy;
}

/** What the assets of one call share. */
export interface CallState extends HybridCallOptions {
  /** Whether it wants views, so that a backend that cannot make them is refused before its first image. */
  readonly views: boolean;
  /** A call restarts a session at most once; its other assets wait for the result. */
  restarting: Promise<unknown> | undefined;
  /** Monotonic time at which waiting for a locked backend ends; set by the first wait. */
  waitEndsAt: number | undefined;
  /** The locked backend's last error, which the call waits out. */
  waitedFor: ImageError | undefined;
  /** The other assets that a restart makes again. */
  remaking: Promise<readonly AssetResult[]> | undefined;
}

export function createCallState(options: HybridCallOptions = {}, views = false): CallState {
  assertPolicy(options.onLockedBackendDown);
  return { ...options, views, restarting: undefined, waitEndsAt: undefined, waitedFor: undefined, remaking: undefined };
}
