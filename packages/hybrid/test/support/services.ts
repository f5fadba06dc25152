import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type {
  ComfyUIEmulator,
  ComfyUIEmulatorOptions,
  HunyuanEmulator,
  HunyuanEmulatorOptions,
  OpenAIEmulator,
  OpenAIEmulatorOptions,
} from '@holodeck/emulators';
import { afterEach } from 'vitest';
import { freePort } from '../../../../test/support/free-port.ts';

/** For services whose pictures no test looks at. */
export const tiny = { outputSize: { width: 64, height: 64 } } as const;

const running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

/** Hunyuan on loopback, closed after the test. */
export async function hunyuan(options: HunyuanEmulatorOptions = {}): Promise<HunyuanEmulator> {
  const emulator = await startHunyuanEmulator({
    port: await freePort(),
    jobMs: 20,
    submitRate: 'off',
    queryRate: 'off',
    ...options,
  });
  running.push(emulator);
  return emulator;
}

/** OpenAI Images on loopback, closed after the test. */
export async function openai(options: OpenAIEmulatorOptions = {}): Promise<OpenAIEmulator> {
  const emulator = await startOpenAIEmulator({ port: await freePort(), imageMs: 20, ...options });
  running.push(emulator);
  return emulator;
}

/** ComfyUI on loopback, closed after the test. */
export async function comfyui(options: ComfyUIEmulatorOptions = {}): Promise<ComfyUIEmulator> {
  const emulator = await startComfyUIEmulator({ port: await freePort(), ...options });
  running.push(emulator);
  return emulator;
}

export function hunyuanEnvironment({ credentials, url }: HunyuanEmulator): Record<string, string> {
  return {
    HUNYUAN_SECRET_ID: credentials.secretId,
    HUNYUAN_SECRET_KEY: credentials.secretKey,
    HUNYUAN_ENDPOINT: url,
  };
}

export function openaiEnvironment({ apiKey, baseURL }: OpenAIEmulator): Record<string, string> {
  return { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL };
}

export function comfyuiEnvironment({ url }: ComfyUIEmulator): Record<string, string> {
  return { COMFYUI_URL: url };
}
