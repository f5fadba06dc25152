export { createHunyuanBackend } from './hunyuan-backend.ts';
export type { HunyuanBackend } from './hunyuan-backend.ts';
export { createHunyuanClient } from './hunyuan-client.ts';
export type { HunyuanClientOptions } from './hunyuan-client.ts';
export { hunyuanOptionsFromEnvironment } from './hunyuan-environment.ts';
export type { HunyuanEnvironment } from './hunyuan-environment.ts';
export type { HunyuanApiName, HunyuanOptions } from './hunyuan-options.ts';
export type { HunyuanLogoParam, HunyuanProviderOptions } from './hunyuan-provider-options.ts';
