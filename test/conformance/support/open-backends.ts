import type { ImageBackend } from '@holodeck/core';
import { createComfyUIBackend } from '@holodeck/comfyui';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import type { HunyuanOptions } from '@holodeck/hunyuan';
import { createOpenAIBackend } from '@holodeck/openai';
import type { OpenAIBackendOptions } from '@holodeck/openai';

/** For processes of their own: what a suite's child imports. */
export function openHunyuan(options: HunyuanOptions): ImageBackend {
  return createHunyuanBackend(options);
}

export function openOpenAI(options: OpenAIBackendOptions): ImageBackend {
  return createOpenAIBackend(options);
}

export function openComfyUI(options: ComfyUIOptions): ImageBackend {
  return createComfyUIBackend(options);
}

export const openBackendsUrl: string = import.meta.url;
