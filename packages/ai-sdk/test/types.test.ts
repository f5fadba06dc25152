import type { OpenAIProvider } from '@ai-sdk/openai';
import type { ImageModelV3, ImageModelV4 } from '@ai-sdk/provider';
import type { ReplicateProvider } from '@ai-sdk/replicate';
import type { HybridClient, Session } from '@holodeck/hybrid';
import type { ImageClient } from '@holodeck/core';
import type { generateImage } from 'ai';
import { readFileSync } from 'node:fs';
import { expect, expectTypeOf, test } from 'vitest';

import type { AiSdkImageModel, GeneratingClient, GeneratingHybrid, GeneratingSession } from '../src/index.ts';
import type { holodeckImageModel } from '../src/index.ts';

const packageJson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  dependencies: Record<string, string>;
};

test('the types are those of one exact version of the provider package', () => {
  const declared = packageJson.dependencies['@ai-sdk/provider'];
  const installed = readFileSync(new URL('../node_modules/@ai-sdk/provider/package.json', import.meta.url), 'utf8');
  expect(declared).toMatch(/^\d+\.\d+\.\d+$/);
  expect(declared).toBe((JSON.parse(installed) as { version: string }).version);
});

test('a model goes where the SDK and its providers expect one', () => {
  type Model = Parameters<typeof generateImage>[0]['model'];
  expectTypeOf<ReturnType<typeof holodeckImageModel>>().toEqualTypeOf<ImageModelV4>();
  expectTypeOf<ReturnType<typeof holodeckImageModel>>().toExtend<Model>();
  expectTypeOf<ImageModelV3>().toExtend<AiSdkImageModel>();
  expectTypeOf<ImageModelV4>().toExtend<AiSdkImageModel>();
  expectTypeOf<ReturnType<OpenAIProvider['image']>>().toExtend<AiSdkImageModel>();
  expectTypeOf<ReturnType<ReplicateProvider['image']>>().toExtend<AiSdkImageModel>();
});

test('clients, sessions and hybrid clients are sources of a model', () => {
  expectTypeOf<ImageClient>().toExtend<GeneratingClient>();
  expectTypeOf<Session>().toExtend<GeneratingSession>();
  expectTypeOf<HybridClient>().toExtend<GeneratingHybrid>();
});
