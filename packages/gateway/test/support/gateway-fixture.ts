import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createComfyUIBackend } from '@holodeck/comfyui';
import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type { ComfyUIEmulator, HunyuanEmulator, OpenAIEmulator } from '@holodeck/emulators';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import type { BackendDescriptor } from '@holodeck/hybrid';
import { createOpenAIBackend } from '@holodeck/openai';

import { startGateway } from '../../src/index.ts';
import type { Gateway, GatewayOptions } from '../../src/index.ts';

/** The three services on this machine. */
export interface Services {
  readonly hunyuan: HunyuanEmulator;
  readonly openai: OpenAIEmulator;
  readonly comfyui: ComfyUIEmulator;
  readonly backends: readonly BackendDescriptor[];
  close(): Promise<void>;
}

/** FLUX.2 klein 4B, which follows reference pictures. */
const klein = {
  diffusion_models: ['flux-2-klein-4b-fp8.safetensors'],
  text_encoders: ['qwen_3_4b.safetensors'],
  vae: ['flux2-vae.safetensors'],
};

/** Starts the emulators; `jobMs` is how long an image takes. */
export async function startServices({ jobMs = 20, limit = 3 } = {}): Promise<Services> {
  const [hunyuan, openai, comfyui] = await Promise.all([
    startHunyuanEmulator({ jobMs, limit }),
    startOpenAIEmulator({ imageMs: jobMs }),
    startComfyUIEmulator({ jobMs, models: klein }),
  ]);
  const { secretId, secretKey } = hunyuan.credentials;
  const { apiKey } = openai;
  return {
    hunyuan,
    openai,
    comfyui,
    backends: [
      {
        name: 'hunyuan',
        load: async () => createHunyuanBackend({ secretId, secretKey, endpoint: hunyuan.url }),
        client: { maxConcurrent: limit },
      },
      { name: 'openai', load: async () => createOpenAIBackend({ apiKey, baseURL: `${openai.url}/v1` }) },
      { name: 'comfyui', load: async () => createComfyUIBackend({ url: comfyui.url }) },
    ],
    async close() {
      await Promise.all([hunyuan.close(), openai.close(), comfyui.close()]);
    },
  };
}

/** Folders that a test file makes, removed at its end. */
export class TemporaryFolders {
  readonly #folders: string[] = [];

  async make(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'holodeck-gateway-'));
    this.#folders.push(folder);
    return folder;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

/** Starts a gateway over the services. */
export async function startTestGateway(
  services: Services,
  outputDir: string,
  options: Partial<GatewayOptions> = {},
): Promise<Gateway> {
  const previewOptions = { openai: { partialImages: 2 }, comfyui: {} };
  return startGateway({ backends: services.backends, outputDir, previewOptions, ...options });
}
