import type { ImageRequest } from '../contract/index.ts';
import type { ClientStats } from './client-stats.ts';
import type { GenerationResult } from '../tasks/generation-result.ts';

/** What is known of a task when its run begins. */
export interface TracedTask {
  readonly backend: string;
  readonly model: string;
  readonly taskId: string;
  readonly scope: string;
  /** Whether it only finishes what an earlier process had paid for. */
  readonly resuming: boolean;
  /** Absent where the task was refused before it was a request. */
  readonly request?: Partial<Pick<ImageRequest, 'prompt' | 'size' | 'seed' | 'count'>>;
}

/** One part of a run that another party takes its time for. */
export type TracedStep = 'submit' | 'collect';

/** The record of one run of one task. None of its methods throws, but for what the work of a step throws. */
export interface TaskTrace {
  /**
   * Runs a step as a part of this trace and hands on what it returns or throws.
   * @param attempt Of the task, from 1.
   */
  step<T>(name: TracedStep, attempt: number, work: () => Promise<T>): Promise<T>;
  /** The end. `paidNow` counts the submissions of this run that the provider took. */
  end(result: GenerationResult, paidNow: number): void;
}

/**
 * Who is told what a client does, for traces and metrics. `openTelemetry()` from `@holodeck/core/telemetry` makes one for
 * OpenTelemetry; anything else may implement it.
 */
export interface ClientTelemetry {
  startTask(task: TracedTask): TaskTrace;
  /** Called once a client; `stats` may be read until the returned function is called, which is at its close. */
  observe(stats: () => ClientStats): () => void;
}
