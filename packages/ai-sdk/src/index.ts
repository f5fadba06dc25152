export { AiSdkBackend, createAiSdkBackend } from './ai-sdk-backend.ts';
export type { AiSdkBackendOptions, AiSdkCapabilities, AiSdkImageModel } from './ai-sdk-backend.ts';
export { defineAiSdkBackend } from './ai-sdk-definition.ts';
export { holodeckImageModel } from './holodeck-image-model.ts';
export type { HolodeckCallOptions } from './holodeck-image-model.ts';
export type {
  GeneratingClient,
  GeneratingHybrid,
  GeneratingSession,
  SessionImage,
  SessionImageRequest,
} from './image-source.ts';
