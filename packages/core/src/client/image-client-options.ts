import type { ImageWarning, Logger } from '../contract/index.ts';
import type { PermitStore } from '../stores/permit-store.ts';
import type { Store } from '../stores/store.ts';
import type { Money } from '../cost/cost.ts';
import type { CostGate } from '../cost/cost-gate.ts';
import type { CostLimits } from '../cost/cost-limits.ts';
import type { ResultCache } from '../result-cache/result-cache.ts';
import type { Clock } from '../internal/clock.ts';
import type { ClientTelemetry } from './client-telemetry.ts';
import type { TaskEvent } from '../tasks/task-event.ts';

/** What `ImageClient` takes. Durations are in milliseconds. */
export interface ImageClientOptions extends CostLimits {
  /** The base of relative output paths and the folder of the store (`<outputDir>/.holodeck/`). Absent = bytes in results. */
  readonly outputDir?: string;
  /**
   * Refuses an `outputPath` that leaves `outputDir` (`../`, absolute, through a link) or points to the store's files; for tasks from
   * untrusted sources. `resume` leaves such a task alone. Default false.
   */
  readonly confineToOutputDir?: boolean;
  /** Replaces the store of the output folder. */
  readonly store?: Store;
  /**
   * A folder for the SQLite file, if the output folder is on a network file system, where WAL does not work. Default:
   * `HOLODECK_STATE_DIR`, else the output folder.
   */
  readonly stateDir?: string;
  /** Shares permits. Default: in memory, in one process. `openSqlitePermits()` shares them on one machine. */
  readonly permits?: PermitStore;
  /**
   * Jobs at the provider at once, per lane. Default: the lane's (Hunyuan 1, OpenAI 4, ComfyUI 2). `"auto"` follows the provider:
   * it fills until refused and learns the limit (Hunyuan), sends what the reported rate allows (OpenAI), or uses the default
   * where a server queues everything (ComfyUI).
   */
  readonly maxConcurrent?: number | 'auto';
  /**
   * From a task's first permit to its end; an answer on the wire is awaited 5 s longer. With a free backend that reports progress
   * (ComfyUI) it is the longest silence instead: the time without an event of the job and without a change in the server's queue.
   * Default 300 000.
   */
  readonly timeoutMs?: number;
  /** The longest wait for the first permit. Default: unlimited. */
  readonly queueTimeoutMs?: number;
  /** Tries of a submission that never left (`not-submitted`). Default 3. */
  readonly maxAttempts?: number;
  /** Accepted submissions per task and call, if jobs fail for temporary reasons. Default 2. */
  readonly maxPaidAttempts?: number;
  /** Bounds of the exponential waits with full jitter between tries. Default 2000 and 10 000. */
  readonly retryBaseMs?: number;
  readonly retryMaxMs?: number;
  /**
   * Sends a task again whose last submission ended as `unknown`. This may pay twice, so only the caller decides. Default false.
   */
  readonly resubmitUnknown?: boolean;
  /**
   * Lets a task fail whose last submission was lost, instead of paying again. Default false: it is sent again, with the warning
   * `paid-again`. A free backend (ComfyUI) repeats a lost job automatically, within `maxPaidAttempts`, with the warning `sent-again`.
   */
  readonly noRepay?: boolean;
  /** For options that the backend does not support: `"error"` (default) refuses before anything is sent, `"warn"` drops them with a warning. */
  readonly onUnsupported?: 'error' | 'warn';
  /** Default: silent. */
  readonly logger?: Logger;
  /** Traces and metrics: `openTelemetry()` from `@holodeck/core/telemetry`. Default: none. */
  readonly telemetry?: ClientTelemetry;
  /** Called for warnings that do not belong to a task. */
  readonly onWarning?: (warning: ImageWarning) => void;
  /**
   * Shares limits and sums with other clients; replaces `maxSubmissions`, `maxCost` and `prices`. Default: the client's own gate.
   */
  readonly costGate?: CostGate;
  /**
   * Keeps the images of seeded requests and returns them for the same request to the same model (`source: "cache"`) instead of
   * paying again. Default: none.
   */
  readonly cache?: ResultCache;
  /**
   * When the client closes, done tasks whose last write is older leave the store, in days, if their images are all there: see
   * `pruneDone`. Default: none leaves.
   */
  readonly pruneAfterDays?: number;
  /** Called before every submission that may cost money; rejecting with an `ImageError` of kind `budget` stops it. */
  readonly beforeSubmit?: (submission: {
    readonly taskId: string;
    readonly scope: string;
    readonly attempt: number;
    readonly backend: string;
    /** The highest possible cost by the price list; absent if the price is unknown or the backend is free. */
    readonly cost?: Money;
  }) => Promise<void> | void;
  /**
   * Names whose turn a scope's tasks take in a lane: scopes with one name share one turn. Default: each scope has its own.
   */
  readonly turnOf?: (scope: string) => string;
  /** For tests: a clock, a source of randomness. */
  readonly internal?: { readonly clock?: Clock; readonly random?: () => number };
}

/** Options of one call. */
export interface GenerateOptions {
  /**
   * Ends the wait. With `drain: true` in its reason, a submission on the wire first gets its answer (within `timeoutMs`): if a
   * provider draws while it answers, an immediate abort would lose what is being paid for. A job that was accepted is cancelled
   * if the backend can; with `keep: true` it is left for the next process.
   */
  readonly signal?: AbortSignal;
  /** Receives what happens to the tasks. An exception that it throws changes nothing. */
  readonly onProgress?: (event: TaskEvent) => void;
}
