import type { BackendHarness } from '@holodeck/conformance';
import { ManualClock, startOpenAIEmulator } from '@holodeck/emulators';
import type { ImageBackend } from '@holodeck/core';
import { openAiSdk, openBackendsUrl, openOwnModel } from './open-backends.ts';
import type { AiSdkAccount } from './open-backends.ts';
import { imagesMade, openaiFaults, readOpenAISubmission } from './openai-harness.ts';
import { RecordingProxy } from './recording-proxy.ts';

/** How long a held answer would take, in milliseconds of the emulator's own clock. */
const heldMs = 600_000;

/** The provider package `@ai-sdk/openai` as a backend, over the emulator of OpenAI. */
export async function createAiSdkHarness(): Promise<BackendHarness> {
  return await createHarness('openAiSdk', openAiSdk, {});
}

/** A model of our own as a backend, by either specification. */
export async function createOwnModelHarness(version: 'v3' | 'v4'): Promise<BackendHarness> {
  return await createHarness('openOwnModel', (account) => openOwnModel({ version, ...account }), { version });
}

async function createHarness(
  name: string,
  open: (account: AiSdkAccount) => ImageBackend,
  more: Readonly<Record<string, string>>,
): Promise<BackendHarness> {
  const clock = new ManualClock();
  const emulator = await startOpenAIEmulator({
    clock,
    server: 'openai',
    imageMs: 0,
    outputSize: { width: 64, height: 64 },
  });
  const proxy = await RecordingProxy.start(emulator.url);
  const options = { apiKey: emulator.apiKey, baseURL: `${proxy.url}/v1` };
  return {
    createBackend: () => open(options),
    variants: {
      'wrong-credential': () => open({ ...options, apiKey: 'sk-wrong-openai-key' }),
      'other-account': () => open({ ...options, apiKey: 'sk-other-openai-key' }),
      unreachable: () => open({ ...options, baseURL: 'http://127.0.0.1:2/v1' }),
    },
    submissions: () => proxy.exchanges.filter(({ method }) => method === 'POST').length,
    lastSubmission: () => readOpenAISubmission(proxy),
    imagesMade: () => imagesMade(proxy),
    faults: {
      ...openaiFaults(emulator),
      'fail-job': 'a 5xx of a provider that is known only by its status may hide an image',
    },
    calm() {
      emulator.setFaults([]);
      clock.advance(heldMs);
    },
    secrets: [emulator.apiKey, 'sk-wrong-openai-key', 'sk-other-openai-key'],
    openConnections: () => proxy.connections,
    remote: { module: openBackendsUrl, open: name, argument: { ...more, ...options } },
    async dispose() {
      proxy.close();
      await emulator.close();
    },
  };
}
