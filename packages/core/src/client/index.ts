export type { GenerateOptions, ImageClientOptions } from './image-client-options.ts';
export type {
  GeneratedImage,
  GenerationFailure,
  GenerationResult,
  GenerationSuccess,
  GenerationTimings,
} from './generation-result.ts';
export type { GenerationTask } from './generation-task.ts';
export type { TaskEvent } from './task-event.ts';
