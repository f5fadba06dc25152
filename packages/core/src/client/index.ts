export type { ClientStats } from './client-stats.ts';
export type { LaneStats } from './lane-stats.ts';
export type { GenerateOptions, ImageClientOptions } from './image-client-options.ts';
export type { ClientTelemetry, TaskTrace, TracedStep, TracedTask } from './client-telemetry.ts';
export { ImageClient } from './image-client.ts';
export type {
  GeneratedImage,
  GenerationFailure,
  GenerationResult,
  GenerationSuccess,
  GenerationTimings,
} from './generation-result.ts';
export type { GenerationTask } from './generation-task.ts';
export type { PlannedAction, TaskPlan } from './plan-task.ts';
export { openExistingStoreForFolder, openStoreForFolder } from './open-store-for-folder.ts';
export type { OpenStoreOptions } from './open-store-for-folder.ts';
export type { ProbeOptions } from './probe-backend.ts';
export { poolBackends } from './pool-backends.ts';
export { parseSize } from './size.ts';
export type { TaskEvent } from './task-event.ts';
