import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type { Ledger } from '@holodeck/emulators';

/** A service under a batch that is killed again and again. */
export interface KillService {
  /** What `--backend` takes. */
  readonly backend: 'hunyuan' | 'openai' | 'comfyui';
  /** Points the command line to it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ledger: Ledger;
  /** The longest that a run goes on after the service has heard of it, in milliseconds: some jobs. */
  readonly longestMs: number;
  close(): Promise<void>;
}

/** Some answers to submissions are slow, so that kills also strike while a request is on the wire. */
const slowAnswers = (operation: string, delayMs: number) => [{ kind: 'stall', operation, delayMs, rate: 0.4 }] as const;

/** Starts the emulator of a service, with jobs so short that each round of kills sees several. */
export async function startKillService(backend: KillService['backend']): Promise<KillService> {
  if (backend === 'hunyuan') {
    const emulator = await startHunyuanEmulator({ limit: 1, jobMs: 60, slotTailMs: 20 });
    emulator.setFaults(slowAnswers('submit', 120));
    const { secretId, secretKey } = emulator.credentials;
    return service(backend, emulator, {
      HUNYUAN_SECRET_ID: secretId,
      HUNYUAN_SECRET_KEY: secretKey,
      HUNYUAN_ENDPOINT: emulator.url,
    });
  }
  if (backend === 'openai') {
    const emulator = await startOpenAIEmulator({ imageMs: { medianMs: 150, sigma: 0.5 } });
    return service(backend, emulator, { OPENAI_API_KEY: emulator.apiKey, OPENAI_BASE_URL: emulator.baseURL });
  }
  const emulator = await startComfyUIEmulator({ jobMs: 60 });
  emulator.setFaults(slowAnswers('submit', 120));
  return service(backend, emulator, { COMFYUI_URL: emulator.url });
}

function service(
  backend: KillService['backend'],
  emulator: { readonly ledger: Ledger; close(): Promise<void> },
  environment: Readonly<Record<string, string>>,
): KillService {
  const longestMs = backend === 'openai' ? 800 : 250;
  return { backend, environment, ledger: emulator.ledger, longestMs, close: () => emulator.close() };
}
