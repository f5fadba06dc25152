/**
 * Starts one emulator in this process and sends its URL to the parent: `services.ts <service> <settings as JSON>`. A message
 * from the parent changes settings.
 */
import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';

interface EmulatedService {
  readonly url: string;
  readonly credentials?: unknown;
  readonly apiKey?: string;
  set(settings: Record<string, unknown>): void;
}

const [, , service, json = '{}'] = process.argv;
const settings = JSON.parse(json) as Record<string, unknown>;

async function start(): Promise<EmulatedService> {
  if (service === 'openai')
    return startOpenAIEmulator({ server: 'sdcpp', apiKey: 'sk-emulator', imagesPerMinute: 'off', ...settings });
  if (service === 'comfyui') return startComfyUIEmulator({ jobMs: 0, ...settings });
  return startHunyuanEmulator({ submitRate: 'off', queryRate: 'off', ...settings });
}

const emulator = await start();
const { url, credentials, apiKey } = emulator;
process.send?.({ url, credentials, apiKey });
process.on('message', (changed: Record<string, unknown>) => {
  emulator.set(changed);
  process.send?.('changed');
});
process.on('disconnect', () => process.exit(0));
