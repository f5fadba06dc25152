import { createOpenAI } from '@ai-sdk/openai';
import { createReplicate } from '@ai-sdk/replicate';
import { createAiSdkBackend } from '@holodeck/ai-sdk';
import type { ImageBackend } from '@holodeck/core';
import { createComfyUIBackend } from '@holodeck/comfyui';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import type { HunyuanOptions } from '@holodeck/hunyuan';
import { createOpenAIBackend } from '@holodeck/openai';
import type { OpenAIBackendOptions } from '@holodeck/openai';
import { ownModel } from '../../../packages/ai-sdk/test/support/own-model.ts';
import type { OwnModelOptions } from '../../../packages/ai-sdk/test/support/own-model.ts';

/** The backends that a suite's child process imports. */
export function openHunyuan(options: HunyuanOptions): ImageBackend {
  return createHunyuanBackend(options);
}

export function openOpenAI(options: OpenAIBackendOptions): ImageBackend {
  return createOpenAIBackend(options);
}

export function openComfyUI(options: ComfyUIOptions): ImageBackend {
  return createComfyUIBackend(options);
}

/** Each request has its own connection, so that none is left open. */
const closingFetch: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('connection', 'close');
  return fetch(input, { ...init, headers });
};

/** A server with OpenAI's routes, and a key of it. */
export interface AiSdkAccount {
  readonly apiKey: string;
  readonly baseURL: string;
}

/** OpenAI's provider package of the AI SDK. */
export function openAiSdk({ apiKey, baseURL }: AiSdkAccount): ImageBackend {
  const headers = { authorization: `Bearer ${apiKey}` };
  return createAiSdkBackend({
    model: createOpenAI({ apiKey, baseURL, fetch: closingFetch }).image('gpt-image-2'),
    account: apiKey,
    check: (signal) => closingFetch(`${baseURL}/models/gpt-image-2`, { signal, headers }),
    capabilities: {
      size: { maxSide: 3840, minPixels: 655_360, maxPixels: 8_294_400, multipleOf: 16, maxRatio: 3 },
      maxCount: 10,
      references: { roles: ['style'], maxCount: 16, mediaTypes: ['image/png', 'image/jpeg', 'image/webp'] },
    },
  });
}

/** A model of our own. */
export function openOwnModel(options: OwnModelOptions): ImageBackend {
  const { apiKey, baseURL } = options;
  const headers = { authorization: `Bearer ${apiKey}` };
  return createAiSdkBackend({
    model: ownModel(options),
    account: apiKey,
    check: (signal) => closingFetch(`${baseURL}/models/gpt-image-2`, { signal, headers }),
    capabilities: {
      size: { maxSide: 3840, minPixels: 655_360, maxPixels: 8_294_400, multipleOf: 16, maxRatio: 3 },
      references: { roles: ['style'], maxCount: 16, mediaTypes: ['image/png', 'image/jpeg', 'image/webp'] },
    },
  });
}

/** Replicate's provider package of the AI SDK, which submits, polls and downloads within one call. */
export function openReplicate({
  apiToken,
  baseURL,
}: {
  readonly apiToken: string;
  readonly baseURL: string;
}): ImageBackend {
  const headers = { authorization: `Bearer ${apiToken}` };
  return createAiSdkBackend({
    model: createReplicate({ apiToken, baseURL, fetch: closingFetch }).image('acme/postcards'),
    account: apiToken,
    check: (signal) => closingFetch(`${baseURL}/account`, { signal, headers }),
    capabilities: {
      size: { minSide: 64, maxSide: 2048 },
      maxCount: 4,
      seed: { min: 0, max: 65_535 },
      references: { roles: ['style'], maxCount: 1, mediaTypes: ['image/png'] },
    },
  });
}

export const openBackendsUrl: string = import.meta.url;
