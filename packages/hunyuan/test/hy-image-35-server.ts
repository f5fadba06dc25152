import { startHunyuanEmulator } from '@holodeck/emulators';
import type { HunyuanEmulator, HunyuanEmulatorOptions } from '@holodeck/emulators';
import { createHunyuanBackend, createHunyuanClient } from '../src/index.ts';
import type { HunyuanBackend, HunyuanClientOptions, HunyuanOptions } from '../src/index.ts';
import { bare, png, RawServer, route } from './raw-server.ts';
import type { Answer } from './raw-server.ts';

export const apiKey = 'sk-not-a-real-key';
export const path = '/v1/wand/hunyuan-image/v35-generation';

export function backendAt(endpoint: string, options: HunyuanOptions = {}): HunyuanBackend {
  return createHunyuanBackend({ api: 'hy-image-3.5', apiKey, endpoint, ...options });
}

/** The answer of a success, with the traps of the real one. */
export function drawn(url: string, fields: Record<string, unknown> = {}): Answer {
  const image = { url, width: 1024, height: 1024, source: 'generate', tool_call_id: 'generate@call_0' };
  const choices = [{ index: 0, delta: { type: 'image', image }, finish_reason: null }];
  const history = [{ role: 'tool', content: [{ image_url: { url: `${url}/intermediate` } }] }];
  return bare(
    200,
    JSON.stringify({ id: '1-WandImage-0', choices, assembled_history: history, request_id: 'r-1', ...fields }),
  );
}

export async function serverOf(fields: Record<string, unknown> = {}): Promise<RawServer> {
  const server = await RawServer.start();
  server.answers = [route({ [path]: drawn(`${server.url}/a.png?q-signature=secret`, fields), '/a.png': png })];
  return server;
}

export interface Running extends AsyncDisposable {
  readonly emulator: HunyuanEmulator;
  readonly client: ReturnType<typeof createHunyuanClient>;
}

export async function start(options: HunyuanEmulatorOptions = {}, client: HunyuanClientOptions = {}): Promise<Running> {
  const emulator = await startHunyuanEmulator({ jobMs: 20, submitRate: 'off', ...options });
  const own = createHunyuanClient({
    api: 'hy-image-3.5',
    apiKey: emulator.credentials.apiKey,
    endpoint: emulator.url,
    retryBaseMs: 1,
    retryMaxMs: 2,
    ...client,
  });
  return {
    emulator,
    client: own,
    async [Symbol.asyncDispose]() {
      await own.close();
      await emulator.close();
    },
  };
}
