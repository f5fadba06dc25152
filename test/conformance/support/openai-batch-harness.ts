import type { BackendHarness, SeenReference, SeenSubmission } from '@holodeck/conformance';
import { ManualClock, startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { createOpenAIBackend } from '@holodeck/openai';
import type { OpenAIBackendOptions } from '@holodeck/openai';
import { openBackendsUrl } from './open-backends.ts';
import { RecordingProxy } from './recording-proxy.ts';
import type { RecordedExchange } from './recording-proxy.ts';
import { readParameters } from './openai-harness.ts';
import { sha256 } from './seen-values.ts';

/** How long a held answer or batch takes, in milliseconds of the emulator's own clock. */
const heldMs = 600_000;

/** OpenAI in batches, on the emulator. A submission is a request in a batch that was asked for: all that may cost money. */
export async function createOpenAIBatchHarness(): Promise<BackendHarness> {
  const clock = new ManualClock();
  const emulator = await startOpenAIEmulator({
    clock,
    imageMs: 0,
    batchMs: 0,
    batchPollAfterMs: 5,
    outputSize: { width: 64, height: 64 },
    // Long enough to be cut.
    imageBytes: 200_000,
  });
  const proxy = await RecordingProxy.start(emulator.url);
  const options: OpenAIBackendOptions = {
    apiKey: emulator.apiKey,
    baseURL: `${proxy.url}/v1`,
    delivery: 'batch',
    batchGatherMs: 0,
    batchListLagMs: 0,
  };
  const create = (changes: OpenAIBackendOptions = {}) => createOpenAIBackend({ ...options, ...changes });
  const set =
    (...faults: Parameters<OpenAIEmulator['setFaults']>[0]) =>
    (): void =>
      emulator.setFaults(faults);
  return {
    createBackend: () => create(),
    variants: {
      'wrong-credential': () => create({ apiKey: 'sk-wrong-openai-key' }),
      'other-account': () => create({ apiKey: 'sk-other-openai-key' }),
      unreachable: () => create({ baseURL: 'http://127.0.0.1:1/v1' }),
    },
    submissions: () => submissions(proxy),
    lastSubmission: () => readSubmission(proxy),
    imagesMade: () => imagesMade(proxy),
    faults: {
      'refuse-for-load': set({ kind: 'refuse', code: 'rate_limit_exceeded', operation: 'create-batch' }),
      'refuse-for-quota': set({ kind: 'refuse', code: 'credit_balance_exhausted', operation: 'create-batch' }),
      'refuse-for-content': 'the content of a batch is looked at when its lines run, not when it is created',
      'lose-answer': set({ kind: 'reset-after-accept', operation: 'create-batch' }),
      'reset-submission': set({ kind: 'reset-before-accept', operation: 'create-batch' }),
      'fail-at-gateway': set({ kind: 'http-status', status: 502, operation: 'create-batch' }),
      'answer-with-page': set({ kind: 'wrong-content', operation: 'create-batch' }),
      'hold-submission': set({ kind: 'stall', delayMs: heldMs, operation: 'create-batch' }),
      'hold-job': () => emulator.set({ batchMs: heldMs }),
      'hold-image': set({ kind: 'stall-body', operation: 'content', afterBytes: 4000 }),
      'fail-query': set({ kind: 'http-status', status: 502, operation: 'batch' }),
      'fail-job': set({ kind: 'fail-job', operation: 'line' }),
      'forget-job': set({ kind: 'refuse', code: 'model_not_found', operation: 'batch' }),
      'damage-image': set({ kind: 'not-an-image', operation: 'line' }),
      'cut-image': set({ kind: 'truncate', operation: 'content', afterBytes: 4000 }),
      'expire-image': set({ kind: 'refuse', code: 'model_not_found', operation: 'content' }),
    },
    calm() {
      emulator.setFaults([]);
      emulator.set({ batchMs: 0 });
      clock.advance(heldMs);
    },
    secrets: [emulator.apiKey, 'sk-wrong-openai-key', 'sk-other-openai-key'],
    openConnections: () => proxy.connections,
    remote: { module: openBackendsUrl, open: 'openOpenAI', argument: options },
    async dispose() {
      proxy.close();
      await emulator.close();
    },
  };
}

/** The requests in all batches that were asked for. */
async function submissions(proxy: RecordingProxy): Promise<number> {
  const files = await uploads(proxy);
  return creations(proxy).reduce((sum, { body }) => {
    const { input_file_id: id } = JSON.parse(String(body)) as { input_file_id: string };
    const input = files.find((file) => file.id === id)?.content.toString() ?? '';
    return sum + input.split('\n').filter((line) => line !== '').length;
  }, 0);
}

function creations(proxy: RecordingProxy): RecordedExchange[] {
  return proxy.exchanges.filter(({ method, path }) => method === 'POST' && path.endsWith('/batches'));
}

interface Upload {
  readonly id: string;
  readonly purpose: string;
  readonly content: Buffer;
}

async function uploads(proxy: RecordingProxy): Promise<Upload[]> {
  const sent = proxy.exchanges.filter(
    ({ method, path, answer }) => method === 'POST' && path.endsWith('/files') && answer !== undefined,
  );
  return Promise.all(
    sent.map(async ({ headers, body, answer }) => {
      const type = headers['content-type'] ?? '';
      const response = new Response(body as Uint8Array<ArrayBuffer>, { headers: { 'content-type': type } });
      const form = await response.formData();
      const file = form.get('file') as File;
      const { id } = JSON.parse(String(answer)) as { id: string };
      return { id, purpose: form.get('purpose') as string, content: Buffer.from(await file.arrayBuffer()) };
    }),
  );
}

async function readSubmission(proxy: RecordingProxy): Promise<SeenSubmission> {
  const files = await uploads(proxy);
  const input = files.findLast(({ purpose }) => purpose === 'batch')?.content.toString() ?? '';
  const { body } = JSON.parse(input.split('\n')[0] ?? '') as { body: Record<string, unknown> };
  const images = (body['images'] ?? []) as { file_id: string }[];
  const references: SeenReference[] = images.map(({ file_id: id }) => ({
    bytes: files.find((file) => file.id === id)?.content ?? Buffer.alloc(0),
  }));
  return readParameters(body, references);
}

async function imagesMade(proxy: RecordingProxy): Promise<string[]> {
  const answers = proxy.exchanges.filter(({ path }) => path.endsWith('/content')).map(({ answer }) => String(answer));
  const line = answers.at(-1)?.split('\n')[0] ?? '{}';
  const { response } = JSON.parse(line) as { response: { body: { data: { b64_json: string }[] } } };
  return response.body.data.map(({ b64_json: base64 }) => sha256(Buffer.from(base64, 'base64')));
}
