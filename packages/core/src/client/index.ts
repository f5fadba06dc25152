export type { ClientStats } from './client-stats.ts';
export type { LaneStats } from '../limits/lane-stats.ts';
export type { GenerateOptions, ImageClientOptions } from './image-client-options.ts';
export type { ClientTelemetry, TaskTrace, TracedStep, TracedTask } from './client-telemetry.ts';
export { ImageClient } from './image-client.ts';
export type {
  GeneratedImage,
  GenerationFailure,
  GenerationResult,
  GenerationSuccess,
  GenerationTimings,
} from '../tasks/generation-result.ts';
export type { GenerationTask } from '../request/generation-task.ts';
export type { PlannedAction, TaskPlan } from '../request/plan-task.ts';
export { openExistingStoreForFolder, openStoreForFolder } from './open-store-for-folder.ts';
export type { OpenStoreOptions } from './open-store-for-folder.ts';
export type { ProbeOptions } from './probe-backend.ts';
export { poolBackends } from './pool-backends.ts';
export { parseSize } from '../request/size.ts';
export type { TaskEvent } from '../tasks/task-event.ts';
