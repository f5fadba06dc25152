import type { ImageError } from '@holodeck/core';
import type { AssetResult } from './asset-result.ts';
import type { AssetProgress } from './asset-progress.ts';

/** Options of one call. */
export interface HybridCallOptions {
  /** Ends waits at once; jobs that were accepted stay resumable. */
  readonly signal?: AbortSignal;
  /** News of the assets that this call makes. */
  readonly onProgress?: (progress: AssetProgress) => void;
}

/** What the assets of one call share. */
export interface CallState extends HybridCallOptions {
  /** A call restarts a session at most once; its other assets wait for how that ends. */
  restarting: Promise<unknown> | undefined;
  /** Monotonic time at which waiting for a locked backend ends; set by the first wait. */
  waitEndsAt: number | undefined;
  /** What the locked backend has said last, for which the call waits. */
  waitedFor: ImageError | undefined;
  /** The assets that a restart makes again beside those of the call. */
  remaking: Promise<readonly AssetResult[]> | undefined;
}

export function createCallState(options: HybridCallOptions = {}): CallState {
  return { ...options, restarting: undefined, waitEndsAt: undefined, waitedFor: undefined, remaking: undefined };
}
