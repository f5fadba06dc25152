import type { ImageWarning, Logger } from '../contract/index.ts';
import type { PermitStore } from '../stores/permit-store.ts';
import type { Store } from '../stores/store.ts';
import type { CostGate } from '../cost/cost-gate.ts';
import type { CostLimits } from '../cost/cost-limits.ts';
import type { ResultCache } from '../result-cache/result-cache.ts';
import type { Clock } from '../internal/clock.ts';
import type { ClientTelemetry } from './client-telemetry.ts';
import type { TaskEvent } from '../tasks/task-event.ts';

/** What `ImageClient` takes. Durations are in milliseconds. */
export interface ImageClientOptions extends CostLimits {
  /** Where relative output paths start and where the store is kept (`<outputDir>/.holodeck/`). Absent = bytes in results. */
  readonly outputDir?: string;
  /**
   * Refuse an `outputPath` that leaves `outputDir` (`../`, absolute, through a link inside it) or lies among the store's files:
   * for tasks that come from somebody else. `resume` leaves such a task as it is. Default false.
   */
  readonly confineToOutputDir?: boolean;
  /** Replaces the store of the output folder. */
  readonly store?: Store;
  /**
   * Moves the SQLite file away from the output folder, for folders on a network file system, where WAL does not work.
   * Default: `HOLODECK_STATE_DIR`, else the output folder.
   */
  readonly stateDir?: string;
  /** Where permits are shared. Default: memory, one process. `openSqlitePermits()` shares them on one machine. */
  readonly permits?: PermitStore;
  /**
   * Jobs at the provider at once, per lane. Default: the lane's own (Hunyuan 1, OpenAI 4, ComfyUI 2). `"auto"` goes by how
   * the provider shows its limit: it fills until refused and keeps to the limit that it learns from that (Hunyuan); it sends
   * as many as the rate allows that the answers tell (OpenAI); where a server queues whatever comes, it is the default
   * (ComfyUI).
   */
  readonly maxConcurrent?: number | 'auto';
  /** From a task's first permit until its end; the answer to a submission on the wire is heard for 5 s more. Default 300 000. */
  readonly timeoutMs?: number;
  /** The longest wait for the first permit. Default: unlimited. */
  readonly queueTimeoutMs?: number;
  /** Tries of a submission that never left (`not-submitted`). Default 3. */
  readonly maxAttempts?: number;
  /** Submissions that the provider took, per task and call, when jobs fail for passing reasons. Default 2. */
  readonly maxPaidAttempts?: number;
  /** Bounds of the exponential waits with full jitter between tries. Default 2000 and 10 000. */
  readonly retryBaseMs?: number;
  readonly retryMaxMs?: number;
  /**
   * Send a task again whose last submission ended as `unknown`. It may pay twice; only ever on the caller's word. Default
   * false.
   */
  readonly resubmitUnknown?: boolean;
  /** What happens to an option that the backend does not have: `"error"` refuses before anything is sent (default), `"warn"` drops it with a warning on the result. */
  readonly onUnsupported?: 'error' | 'warn';
  /** Default: silent. */
  readonly logger?: Logger;
  /** Told what the client does, for traces and metrics: `openTelemetry()` from `@holodeck/core/telemetry`. Default: nobody. */
  readonly telemetry?: ClientTelemetry;
  /** Called for warnings that belong to no single task. */
  readonly onWarning?: (warning: ImageWarning) => void;
  /**
   * Shares limits and sums with other clients; takes the place of `maxSubmissions`, `maxCost` and `prices`. Default: a gate of
   * the client's own.
   */
  readonly costGate?: CostGate;
  /**
   * Keeps the images of seeded requests, and brings them back for the same request to the same model instead of paying again:
   * `source: "cache"`. Default: none.
   */
  readonly cache?: ResultCache;
  /**
   * Asked before every submission that may cost money; a rejection with an `ImageError` of kind `budget` stops it.
   */
  readonly beforeSubmit?: (submission: {
    readonly taskId: string;
    readonly scope: string;
    readonly attempt: number;
  }) => Promise<void> | void;
  /** For tests: a clock, a source of randomness. */
  readonly internal?: { readonly clock?: Clock; readonly random?: () => number };
}

/** Options of one call. */
export interface GenerateOptions {
  /**
   * Ends the wait. A reason with a property `drain: true` lets a submission that is on the wire come to its answer first
   * (within `timeoutMs`): with a provider that draws while it answers, an abort at once would lose what is being paid for.
   */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: TaskEvent) => void;
}
