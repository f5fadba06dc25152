/**
 * A user's ESM program, for its types: the expected errors occur only if the packages' types were found.
 */
import { prepareCard } from '@holodeck/cards';
import { runCommandLine } from '@holodeck/cli';
import { createComfyUIBackend, createComfyUIClient } from '@holodeck/comfyui';
import { describeImageBackend } from '@holodeck/conformance';
import { ImageClient, ImageError } from '@holodeck/core';
import type { GenerationResult, ImageBackend } from '@holodeck/core';
import { refuseForget } from '@holodeck/core/stores';
import { startOpenAIEmulator } from '@holodeck/emulators';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { createHybridClient, readManifest } from '@holodeck/hybrid';
import type { Manifest } from '@holodeck/hybrid';
import { createOpenAIClient } from '@holodeck/openai';
import { openRedisStore } from '@holodeck/redis';

export async function useTypes(): Promise<string | undefined> {
  const client: ImageClient = createHunyuanClient({ secretId: 'id', secretKey: 'key', outputDir: 'output' });
  const result: GenerationResult = await client.generate({ prompt: '青花瓷茶壶', size: { width: 1024, height: 768 } });
  if (!result.success) return result.error instanceof ImageError ? result.error.outcome : undefined;
  const backend: ImageBackend = createComfyUIBackend({ url: 'http://127.0.0.1:8188' });
  const hybrid = createHybridClient({ backends: [backend], outputDir: 'output' });
  const manifest: Manifest = await readManifest('output/session');
  await hybrid.close();
  return manifest.assets[0]?.path ?? result.images[0].path;
}

export const wrong: unknown[] = [
  // @ts-expect-error No such option.
  () => createHunyuanClient({ secret: 'id' }),
  // @ts-expect-error The key is a text.
  () => createOpenAIClient({ apiKey: 7 }),
  // @ts-expect-error The address is a text.
  () => createComfyUIClient({ url: 8188 }),
  // @ts-expect-error A backend is missing.
  () => new ImageClient(),
  // @ts-expect-error The side is a number.
  () => prepareCard(new Uint8Array(), { side: 'large' }),
  // @ts-expect-error Backends are a list.
  () => createHybridClient({ backends: 'hunyuan' }),
  // @ts-expect-error The address is a text.
  () => openRedisStore({ url: 6379 }),
  // @ts-expect-error Milliseconds are a number.
  () => startOpenAIEmulator({ imageMs: 'soon' }),
  // @ts-expect-error A harness is missing.
  () => describeImageBackend({ name: 'postcard' }),
  // @ts-expect-error Arguments are a list.
  () => runCommandLine('doctor'),
  // @ts-expect-error A row is missing.
  () => refuseForget(),
];
