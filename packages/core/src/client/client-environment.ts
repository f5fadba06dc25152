import type { ImageBackend, ImageError, Logger } from '../contract/index.ts';
import type { Clock } from '../internal/clock.ts';
import type { Owner } from '../stores/owner.ts';
import type { AbandonedJobMonitor } from '../polling/abandoned-job-monitor.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import type { LaneScheduler } from '../limits/lane-scheduler.ts';
import type { LaneHealth } from '../limits/lane-health.ts';
import type { Deadlines } from '../tasks/deadline.ts';

/** What all tasks of one client share. */
export interface ClientEnvironment {
  readonly backend: ImageBackend;
  readonly options: ResolvedOptions;
  readonly owner: Owner;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly lanes: ReadonlyMap<string, LaneScheduler>;
  readonly health: ReadonlyMap<string, LaneHealth>;
  readonly abandonedJobs: AbandonedJobMonitor;
  readonly deadlines: Deadlines;
  /** Aborted by `close()`. */
  readonly closing: AbortSignal;
  readonly counters: ClientCounters;
  /**
   * Set if the disk failed after something was paid: deliver what is accepted, start nothing new. Expires; see
   * `StorageBreaker`.
   */
  storageFault: ImageError | undefined;
}

/** Counts since the client was made. */
export interface ClientCounters {
  submissions: number;
  accepted: number;
  done: number;
  resumed: number;
  /** Taken from the result cache. */
  cached: number;
  failed: number;
  unknown: number;
  polls: number;
}
