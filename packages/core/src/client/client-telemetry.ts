import type { ImageRequest } from '../contract/index.ts';
import type { ClientStats } from './client-stats.ts';
import type { GenerationResult } from '../tasks/generation-result.ts';

/** What is known about a task when its run begins. */
export interface TracedTask {
  readonly backend: string;
  readonly model: string;
  readonly taskId: string;
  readonly scope: string;
  /** Whether it only finishes what an earlier process paid for. */
  readonly resuming: boolean;
  /** Absent if the task was refused before it became a request. */
  readonly request?: Partial<Pick<ImageRequest, 'prompt' | 'size' | 'seed' | 'count'>>;
}

/** A part of a run that waits for the provider. */
export type TracedStep = 'submit' | 'collect';

/** The trace of one run of one task. Its methods throw only what the work of a step throws. */
export interface TaskTrace {
  /** Runs a step as a part of this trace and passes on its result. `attempt` counts from 1. */
  step<T>(name: TracedStep, attempt: number, work: () => Promise<T>): Promise<T>;
  /** Ends the trace. `paidNow` counts the submissions of this run that the provider accepted. */
  end(result: GenerationResult, paidNow: number): void;
}

/**
 * Receives what a client does, for traces and metrics. `openTelemetry()` from `@holodeck/core/telemetry` implements it for
 * OpenTelemetry.
 */
export interface ClientTelemetry {
  startTask(task: TracedTask): TaskTrace;
  /** Called once for each client. `stats` may be read until the client calls the returned function when it closes. */
  observe(stats: () => ClientStats): () => void;
}
