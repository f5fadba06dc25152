import { createComfyUIBackend } from '@holodeck/comfyui';
import type { ImageBackend } from '@holodeck/core';
import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type { FaultInput } from '@holodeck/emulators';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import { createOpenAIBackend } from '@holodeck/openai';

/** Secrets of the programs under test; a leak is reported by name. */
export const planted = {
  secretId: 'AKIDPLANTEDPLANTEDPLANTED0001',
  secretKey: 'planted-hunyuan-secret-key-0002',
  tokenHubKey: 'sk-planted-tokenhub-key-0003',
  openaiKey: 'sk-planted-openai-key-0004',
  comfyHeader: 'planted-comfyui-header-value-0005',
  proxyPassword: 'planted-proxy-password-0006',
} as const;

/** Secrets that are not planted: the signatures of addresses. */
const signatures = ['q-signature=', 'q-sign-time=', 'q-ak=', '?signature=', '&signature='];

/** A service with planted secrets that a fault may send back to the client. */
export interface PlantedService {
  readonly name: string;
  /** The secrets that it receives, and so can repeat. */
  readonly secrets: readonly string[];
  /** Operations whose answers the test can set. */
  readonly operations: readonly string[];
  createBackend(): ImageBackend;
  setFaults(faults: readonly FaultInput[]): void;
  close(): Promise<void>;
}

async function hunyuan(api: 'image-3.0' | '2023-09-01' | 'tokenhub'): Promise<PlantedService> {
  const { secretId, secretKey, tokenHubKey: apiKey } = planted;
  const emulator = await startHunyuanEmulator({
    secretId,
    secretKey,
    apiKey,
    jobMs: 0,
    submitRate: 'off',
    queryRate: 'off',
  });
  return {
    name: `Hunyuan ${api}`,
    secrets: api === 'tokenhub' ? [apiKey] : [secretId, secretKey],
    operations: ['submit', 'query', 'download'],
    createBackend: () =>
      createHunyuanBackend({
        api,
        endpoint: emulator.url,
        ...(api === 'tokenhub' ? { apiKey } : { secretId, secretKey }),
      }),
    setFaults: (faults) => emulator.setFaults(faults),
    close: () => emulator.close(),
  };
}

async function openai(profile: 'openai' | 'compatible'): Promise<PlantedService> {
  const apiKey = planted.openaiKey;
  const emulator = await startOpenAIEmulator({ apiKey, server: profile, imageMs: 0 });
  return {
    name: `OpenAI ${profile}`,
    secrets: [apiKey],
    operations: profile === 'openai' ? ['generate'] : ['generate', 'download'],
    createBackend: () => createOpenAIBackend({ apiKey, baseURL: emulator.baseURL, profile }),
    setFaults: (faults) => emulator.setFaults(faults),
    close: () => emulator.close(),
  };
}

async function comfyui(): Promise<PlantedService> {
  const emulator = await startComfyUIEmulator({ jobMs: 0 });
  return {
    name: 'ComfyUI',
    secrets: [planted.comfyHeader],
    operations: ['submit', 'history', 'view'],
    createBackend: () =>
      createComfyUIBackend({
        url: emulator.url,
        headers: { authorization: `Bearer ${planted.comfyHeader}` },
        internal: { locateIntervalMs: 10, backstopMs: 100 },
      }),
    setFaults: (faults) => emulator.setFaults(faults),
    close: () => emulator.close(),
  };
}

/** Starts one service of each kind. */
export const startPlanted: Readonly<Record<string, () => Promise<PlantedService>>> = {
  'Hunyuan image-3.0': () => hunyuan('image-3.0'),
  'Hunyuan 2023-09-01': () => hunyuan('2023-09-01'),
  'Hunyuan tokenhub': () => hunyuan('tokenhub'),
  OpenAI: () => openai('openai'),
  'OpenAI-compatible': () => openai('compatible'),
  ComfyUI: () => comfyui(),
};

/** The planted secrets in a text, by name: as they are, in an address, or in base64. */
export function plantedIn(text: string): string[] {
  return Object.entries(planted)
    .filter(([, secret]) => {
      const forms = [secret, encodeURIComponent(secret), ...base64Forms(secret)];
      return forms.some((form) => text.includes(form));
    })
    .map(([name]) => name);
}

/** The base64 of a text at any position within a longer one (`user:password`), without its uncertain ends. */
function base64Forms(secret: string): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]).toString('base64');
    return encoded.slice(before === 0 ? 0 : before + 1, -4);
  });
}

/** The same, and signatures of addresses. */
export function secretsIn(text: string): string[] {
  return [...plantedIn(text), ...signatures.filter((sign) => text.includes(sign))];
}
