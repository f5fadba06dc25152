export { createOpenAIClient } from './create-openai-client.ts';
export type { OpenAIClientOptions } from './create-openai-client.ts';
export { createOpenAIBackend, OpenAIBackend } from './openai-backend.ts';
export { openaiOptionsFromEnvironment } from './openai-options.ts';
export type { OpenAIBackendOptions, OpenAIDelivery } from './openai-options.ts';
export type { OpenAIProfileName } from './openai-profiles.ts';
export type { OpenAIProviderOptions, PictureOption } from './openai-provider-options.ts';
