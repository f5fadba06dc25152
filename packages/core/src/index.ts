/**
 * What a program that makes images needs: the client, its options, tasks, results and errors. Each backend is its own package.
 * `@holodeck/core/backend` is for authors of backends, `@holodeck/core/stores` keeps state and shares limits.
 *
 * @module
 */
export { ImageError } from './contract/image-error.ts';
export type { ImageErrorJson } from './contract/image-error.ts';
export type { ImageErrorKind, ImageErrorOutcome } from './contract/error-kinds.ts';

export { ImageClient } from './client/image-client.ts';
export type { GenerateOptions, ImageClientOptions } from './client/image-client-options.ts';
export type { ClientStats } from './client/client-stats.ts';
export type { ClientTelemetry } from './client/client-telemetry.ts';
export type { LaneStats } from './limits/lane-scheduler.ts';
export { poolBackends } from './client/pool-backends.ts';
export type { ProbeOptions } from './client/probe-backend.ts';
export type { ProbeReport } from './contract/probe-report.ts';
export type { ImageBackend } from './contract/image-backend.ts';
export type { Logger } from './contract/logger.ts';
export type { NetworkOptions } from './network/network-options.ts';

export type { GenerationTask } from './request/generation-task.ts';
export type {
  ImageFormat,
  ImageRequestInput,
  ProviderOptions,
  ReferenceInput,
  ReferenceRole,
} from './contract/image-request.ts';
export type { ImageSizeInput } from './contract/image-size.ts';
export { parseSize } from './request/size.ts';
export type { PlannedAction, TaskPlan } from './request/plan-task.ts';
export type { TaskEvent } from './tasks/task-event.ts';
export type { ProgressEvent } from './contract/job-context.ts';

export type {
  GeneratedImage,
  GenerationFailure,
  GenerationResult,
  GenerationSuccess,
  GenerationTimings,
} from './tasks/generation-result.ts';
export type { ImageUsage } from './contract/backend-result.ts';
export type { ImageWarning } from './contract/warning.ts';

export { CostGate } from './cost/cost-gate.ts';
export type { CostLimits, MaxCost } from './cost/cost-limits.ts';
export type { Cost, Money } from './cost/cost.ts';
export { defaultPrices } from './cost/default-prices.ts';
export type { Price, PriceList } from './cost/price.ts';
export { ResultCache } from './result-cache/result-cache.ts';
export type { ResultCacheOptions } from './result-cache/result-cache.ts';
