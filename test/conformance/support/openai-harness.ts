import type { BackendHarness, SeenReference, SeenSubmission } from '@holodeck/conformance';
import type { ImageFormat } from '@holodeck/core';
import { ManualClock, startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { createOpenAIBackend } from '@holodeck/openai';
import type { OpenAIBackendOptions, OpenAIProfileName } from '@holodeck/openai';
import { openBackendsUrl } from './open-backends.ts';
import { RecordingProxy } from './recording-proxy.ts';
import type { RecordedExchange } from './recording-proxy.ts';
import { jsonObject, present, readSize, sha256 } from './seen-values.ts';

/** How long a held answer would take, in milliseconds of the emulator's own clock. */
const heldMs = 600_000;
const noJob = 'the request is the job: there is no handle before its answer, and nothing to ask about after';
const inAnswer = 'images come within the answer to the submission, whole or not at all';

const ownServer = {
  'refuse-for-quota': 'a server of your own costs nothing',
  'refuse-for-content': 'it does not check prompts',
};

/** Refusals whose form no page of the vendor shows. */
const undocumented: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  xai: { 'refuse-for-quota': 'no page shows what it answers when the credit is used up' },
  'vllm-omni': ownServer,
  sglang: ownServer,
};

/** Servers that answer with addresses of pictures, where they are not asked for another form. */
const answersWithAddresses: ReadonlySet<string> = new Set(['compatible', 'ark', 'xai', 'siliconflow', 'sglang']);

/** OpenAI, or another server with its profile, on the emulator. */
export async function createOpenAIHarness(server: OpenAIProfileName): Promise<BackendHarness> {
  const clock = new ManualClock();
  const emulator = await startOpenAIEmulator({
    clock,
    server,
    imageMs: 0,
    apiKey: 'sk-emulator-openai-key',
    outputSize: { width: 64, height: 64 },
  });
  const proxy = await RecordingProxy.start(emulator.url);
  const options: OpenAIBackendOptions = { apiKey: emulator.apiKey, baseURL: `${proxy.url}/v1`, profile: server };
  const create = (changes: OpenAIBackendOptions = {}) => createOpenAIBackend({ ...options, ...changes });
  return {
    createBackend: () => create(),
    variants: {
      'wrong-credential': () => create({ apiKey: 'sk-wrong-openai-key' }),
      'other-account': () => create({ apiKey: 'sk-other-openai-key' }),
      unreachable: () => create({ baseURL: 'http://127.0.0.1:1/v1' }),
    },
    submissions: () => proxy.exchanges.filter(({ method }) => method === 'POST').length,
    lastSubmission: () => (isOwn(server) ? readLogged(emulator) : readOpenAISubmission(proxy)),
    imagesMade: () => imagesMade(proxy),
    faults: {
      ...(answersWithAddresses.has(server) ? compatibleFaults(emulator) : openaiFaults(emulator)),
      ...undocumented[server],
    },
    calm() {
      emulator.setFaults([]);
      clock.advance(heldMs);
    },
    secrets: [emulator.apiKey, 'sk-wrong-openai-key', 'sk-other-openai-key', '?signature='],
    openConnections: () => proxy.connections,
    remote: { module: openBackendsUrl, open: 'openOpenAI', argument: options },
    async dispose() {
      proxy.close();
      await emulator.close();
    },
  };
}

/** Whether the server has words of its own. */
function isOwn(server: OpenAIProfileName): boolean {
  return !['openai', 'compatible', 'sdcpp'].includes(server);
}

/** The request as the emulator read it from the server's own words. */
function readLogged({ requests }: OpenAIEmulator): SeenSubmission {
  const { parameters = {}, pictures = [] } = requests.findLast(({ method }) => method === 'POST') ?? {};
  return present({
    prompt: parameters['prompt'] as string | undefined,
    negativePrompt: parameters['negative_prompt'] as string | undefined,
    size: readSize(parameters['size']),
    seed: parameters['seed'] === undefined ? undefined : Number(parameters['seed']),
    count: parameters['n'] === undefined ? undefined : Number(parameters['n']),
    format: parameters['output_format'] as ImageFormat | undefined,
    references: pictures.length === 0 ? undefined : pictures.map(({ bytes }) => ({ bytes })),
  });
}

type Switches = BackendHarness['faults'];

export function openaiFaults(emulator: OpenAIEmulator): Switches {
  const set = setter(emulator);
  return {
    'refuse-for-load': set({ kind: 'refuse', code: 'rate_limit_exceeded', operation: 'generate' }),
    'refuse-for-quota': set({ kind: 'refuse', code: 'credit_balance_exhausted', operation: 'generate' }),
    'refuse-for-content': set({ kind: 'refuse', code: 'moderation_blocked', operation: 'generate' }),
    'lose-answer': set({ kind: 'reset-after-accept', operation: 'generate' }),
    'reset-submission': set({ kind: 'reset-before-accept', operation: 'generate' }),
    'fail-at-gateway': set({ kind: 'http-status', status: 502, operation: 'generate' }),
    'answer-with-page': set({ kind: 'wrong-content', operation: 'generate' }),
    'hold-submission': set({ kind: 'stall', delayMs: heldMs, operation: 'generate' }),
    'hold-job': noJob,
    'hold-image': inAnswer,
    'fail-query': noJob,
    'fail-job': set({ kind: 'fail-job', operation: 'generate' }),
    'forget-job': noJob,
    'damage-image': set({ kind: 'not-an-image', operation: 'generate' }),
    'cut-image': set({ kind: 'truncate', operation: 'generate' }),
    'expire-image': inAnswer,
  };
}

/** Images lie at addresses of their own. */
function compatibleFaults(emulator: OpenAIEmulator): Switches {
  const set = setter(emulator);
  return {
    ...openaiFaults(emulator),
    'hold-image': set({ kind: 'stall-body', operation: 'download' }),
    'damage-image': set({ kind: 'wrong-content', operation: 'download' }),
    'cut-image': set({ kind: 'truncate', operation: 'download' }),
    'expire-image': set({ kind: 'expire-url', operation: 'download' }),
  };
}

function setter(emulator: OpenAIEmulator) {
  return (...faults: Parameters<OpenAIEmulator['setFaults']>[0]) =>
    (): void =>
      emulator.setFaults(faults);
}

export async function readOpenAISubmission(proxy: RecordingProxy): Promise<SeenSubmission> {
  const { parameters, references } = await readBody(proxy.exchanges.findLast(({ method }) => method === 'POST'));
  return readParameters(parameters, references);
}

/** What the parameters of a request ask for. */
export function readParameters(
  parameters: Readonly<Record<string, unknown>>,
  references: readonly SeenReference[],
): SeenSubmission {
  const number = (name: string): number | undefined =>
    // Fields of a form are texts.
    parameters[name] === undefined ? undefined : Number(parameters[name]);
  return present({
    prompt: parameters['prompt'] as string | undefined,
    negativePrompt: parameters['negative_prompt'] as string | undefined,
    size: readSize(parameters['size']),
    seed: number('seed'),
    style: parameters['style'] as string | undefined,
    count: number('n'),
    background: parameters['background'] as string | undefined,
    format: parameters['output_format'] as ImageFormat | undefined,
    references: references.length === 0 ? undefined : references,
  });
}

/** Generations are JSON, edits are forms. */
async function readBody(
  exchange: RecordedExchange | undefined,
): Promise<{ readonly parameters: Record<string, unknown>; readonly references: readonly SeenReference[] }> {
  const type = exchange?.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/')) return { parameters: jsonObject(exchange?.body), references: [] };
  const form = await new Response(exchange?.body as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': type },
  }).formData();
  const parameters: Record<string, unknown> = {};
  const references: SeenReference[] = [];
  for (const [name, value] of form) {
    if (typeof value === 'string') parameters[name] = value;
    else if (/^image(?:\[\])?$/.test(name)) references.push({ bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  return { parameters, references };
}

export async function imagesMade(proxy: RecordingProxy): Promise<string[]> {
  const answers = proxy.exchanges.filter(({ method }) => method === 'POST').map(({ answer }) => jsonObject(answer));
  const data = answers.at(-1)?.['data'];
  const items = Array.isArray(data) ? (data as { b64_json?: string; url?: string }[]) : [];
  return Promise.all(
    items.map(async ({ b64_json: base64, url }) =>
      sha256(
        url === undefined
          ? Buffer.from(base64 ?? '', 'base64')
          : new Uint8Array(await (await fetch(url)).arrayBuffer()),
      ),
    ),
  );
}
