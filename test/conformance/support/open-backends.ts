import { createOpenAI } from '@ai-sdk/openai';
import { createAiSdkBackend } from '@holodeck/ai-sdk';
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

/** OpenAI's provider package of the AI SDK. Each request has a connection of its own, so that none is left behind. */
export function openAiSdk({ apiKey, baseURL }: { readonly apiKey: string; readonly baseURL: string }): ImageBackend {
  const closing: typeof fetch = async (input, init) =>
    fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), connection: 'close' } });
  return createAiSdkBackend({
    model: createOpenAI({ apiKey, baseURL, fetch: closing }).image('gpt-image-2'),
    account: apiKey,
    check: (signal) =>
      closing(`${baseURL}/models/gpt-image-2`, { signal, headers: { authorization: `Bearer ${apiKey}` } }),
    capabilities: {
      size: { maxSide: 3840, minPixels: 655_360, maxPixels: 8_294_400, multipleOf: 16, maxRatio: 3 },
      maxCount: 10,
      references: { roles: ['style'], maxCount: 16, mediaTypes: ['image/png', 'image/jpeg', 'image/webp'] },
    },
  });
}

export const openBackendsUrl: string = import.meta.url;
