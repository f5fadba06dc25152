import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type { Ledger } from '@holodeck/emulators';

/** The services under test: `hy-image-3.5` is Hunyuan's API without jobs, `openai-batch` is OpenAI's with them. */
export type KillServiceName = 'hunyuan' | 'hy-image-3.5' | 'openai' | 'openai-batch' | 'comfyui';

/** A service under a batch that is killed again and again. */
export interface KillService {
  /** The value of `--backend`. */
  readonly backend: 'hunyuan' | 'openai' | 'comfyui';
  /** Points the command line to it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ledger: Ledger;
  /** The longest run after its first request, in milliseconds: some jobs. */
  readonly longestMs: number;
  close(): Promise<void>;
}

/** Some answers to submissions are slow, so that kills also strike while a request is on the wire. */
const slowAnswers = (operation: string, delayMs: number) => [{ kind: 'stall', operation, delayMs, rate: 0.4 }] as const;

/** Starts the emulator of a service, with jobs so short that each round of kills sees several. */
export async function startKillService(name: KillServiceName): Promise<KillService> {
  if (name === 'hy-image-3.5') {
    const emulator = await startHunyuanEmulator({ jobMs: { medianMs: 120, sigma: 0.5 } });
    return service('hunyuan', emulator, {
      HUNYUAN_API: name,
      HUNYUAN_API_KEY: emulator.credentials.apiKey,
      HUNYUAN_ENDPOINT: emulator.url,
      // No limit is published. Several at once give a kill something to hit.
      HUNYUAN_MAX_CONCURRENT: '4',
    });
  }
  if (name === 'hunyuan') {
    const emulator = await startHunyuanEmulator({ limit: 1, jobMs: 60, slotTailMs: 20 });
    emulator.setFaults(slowAnswers('submit', 120));
    const { secretId, secretKey } = emulator.credentials;
    return service(name, emulator, {
      HUNYUAN_SECRET_ID: secretId,
      HUNYUAN_SECRET_KEY: secretKey,
      HUNYUAN_ENDPOINT: emulator.url,
    });
  }
  if (name === 'openai') {
    const emulator = await startOpenAIEmulator({ imageMs: { medianMs: 150, sigma: 0.5 } });
    return service(name, emulator, { OPENAI_API_KEY: emulator.apiKey, OPENAI_BASE_URL: emulator.baseURL });
  }
  if (name === 'openai-batch') {
    const emulator = await startOpenAIEmulator({ imageMs: 0, batchMs: 60, batchPollAfterMs: 10 });
    emulator.setFaults(slowAnswers('create-batch', 120));
    const { apiKey, baseURL } = emulator;
    return service('openai', emulator, { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, OPENAI_DELIVERY: 'batch' });
  }
  const emulator = await startComfyUIEmulator({ jobMs: 60 });
  emulator.setFaults(slowAnswers('submit', 120));
  return service(name, emulator, { COMFYUI_URL: emulator.url });
}

function service(
  backend: KillService['backend'],
  emulator: { readonly ledger: Ledger; close(): Promise<void> },
  environment: Readonly<Record<string, string>>,
): KillService {
  const longestMs = backend === 'openai' ? 800 : 250;
  return { backend, environment, ledger: emulator.ledger, longestMs, close: () => emulator.close() };
}
