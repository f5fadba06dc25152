import type { BackendHarness, SeenSubmission } from '@holodeck/conformance';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import type { HunyuanApiName, HunyuanOptions } from '@holodeck/hunyuan';
import { ManualClock, startHunyuanEmulator } from '@holodeck/emulators';
import type { HunyuanEmulator } from '@holodeck/emulators';
import { impatientClock } from './impatient-clock.ts';
import { openBackendsUrl } from './open-backends.ts';
import { RecordingProxy } from './recording-proxy.ts';
import type { RecordedExchange } from './recording-proxy.ts';
import { jsonObject, present, readSize, seenReference, sha256, textList } from './seen-values.ts';

/** How long a held job or answer would take, in milliseconds of the emulator's own clock. */
const heldMs = 600_000;

const noJob = 'the request is the job: there is no handle before its answer, and nothing to ask about after';
const wandPath = '/v1/wand/hunyuan-image/v35-generation';

/** Tencent Hunyuan on its emulator, by one of its four APIs. */
export async function createHunyuanHarness(api: HunyuanApiName): Promise<BackendHarness> {
  const clock = new ManualClock();
  const other = { secretId: 'AKIDOTHEROTHEROTHER', secretKey: 'other-secret-key-not-a-real-one' };
  const emulator = await startHunyuanEmulator({
    clock,
    accounts: [other],
    limit: 4,
    jobMs: 0,
    rewriteMs: 0,
    submitRate: 'off',
    queryRate: 'off',
    outputSize: { width: 64, height: 64 },
  });
  const proxy = await RecordingProxy.start(emulator.url);
  const { secretId, secretKey, apiKey } = emulator.credentials;
  const hasApiKey = api === 'tokenhub' || api === 'hy-image-3.5';
  const credentials: HunyuanOptions = hasApiKey ? { apiKey } : { secretId, secretKey };
  const options: HunyuanOptions = { ...credentials, api, endpoint: proxy.url };
  const create = (changes: HunyuanOptions = {}) =>
    createHunyuanBackend({ ...options, internal: { clock: impatientClock() }, ...changes });
  const submissions = (): RecordedExchange[] => proxy.exchanges.filter(isHunyuanSubmission);
  return {
    createBackend: () => create(),
    variants: {
      'wrong-credential': () =>
        create(hasApiKey ? { apiKey: 'sk-wrong-tokenhub-key' } : { secretKey: 'wrong-secret-key-not-a-real-one' }),
      'other-account': () => create(hasApiKey ? { apiKey: 'sk-other-tokenhub-key' } : other),
      unreachable: () => create({ endpoint: 'http://127.0.0.1:1' }),
    },
    submissions: () => submissions().length,
    lastSubmission: () => readHunyuanSubmission(submissions().at(-1)),
    imagesMade: () => imagesMade(proxy.exchanges),
    faults: api === 'hy-image-3.5' ? directFaults(emulator) : faultsOf(emulator),
    calm() {
      emulator.setFaults([]);
      emulator.set({ jobMs: 0 });
      clock.advance(heldMs);
    },
    secrets: [
      secretKey,
      apiKey,
      'wrong-secret-key',
      'sk-wrong',
      'sk-other',
      other.secretKey,
      'q-signature=',
      'q-sign-time=',
    ],
    openConnections: () => proxy.connections,
    remote: { module: openBackendsUrl, open: 'openHunyuan', argument: options },
    async dispose() {
      proxy.close();
      await emulator.close();
    },
  };
}

function faultsOf(emulator: HunyuanEmulator): BackendHarness['faults'] {
  const set =
    (...faults: Parameters<HunyuanEmulator['setFaults']>[0]) =>
    (): void =>
      emulator.setFaults(faults);
  return {
    'refuse-for-load': set({ kind: 'refuse', code: 'RequestLimitExceeded.JobNumExceed', operation: 'submit' }),
    'refuse-for-quota': set({ kind: 'refuse', code: 'ResourceUnavailable.InArrears', operation: 'submit' }),
    'refuse-for-content': set({ kind: 'refuse', code: 'OperationDenied.TextIllegalDetected', operation: 'submit' }),
    'lose-answer': set({ kind: 'reset-after-accept', operation: 'submit' }),
    'reset-submission': set({ kind: 'reset-before-accept', operation: 'submit' }),
    'fail-at-gateway': set({ kind: 'http-status', status: 502, operation: 'submit' }),
    'answer-with-page': set({ kind: 'wrong-content', operation: 'submit' }),
    'hold-submission': set({ kind: 'stall', delayMs: heldMs, operation: 'submit' }),
    'hold-job': () => emulator.set({ jobMs: heldMs }),
    'hold-image': set({ kind: 'stall-body', operation: 'download' }),
    'fail-query': set({ kind: 'http-status', status: 502, operation: 'query' }),
    'fail-job': set({ kind: 'fail-job', code: 'FailedOperation.GenerateImageFailed', operation: 'submit' }),
    'forget-job': set({ kind: 'lose-job', operation: 'query' }),
    'damage-image': set({ kind: 'wrong-content', operation: 'download' }),
    'cut-image': set({ kind: 'truncate', operation: 'download' }),
    'expire-image': set({ kind: 'expire-url', operation: 'download' }),
  };
}

/** Hy-Image 3.5 draws within the submission. */
function directFaults(emulator: HunyuanEmulator): BackendHarness['faults'] {
  return { ...faultsOf(emulator), 'hold-job': noJob, 'fail-query': noJob, 'forget-job': noJob };
}

export function isHunyuanSubmission({ headers, path }: RecordedExchange): boolean {
  const isSubmit = String(headers['x-tc-action'] ?? '').startsWith('Submit');
  return isSubmit || path === '/v1/api/image/submit' || path === wandPath;
}

/** The four APIs' field names, in our terms. */
export async function readHunyuanSubmission(exchange: RecordedExchange | undefined): Promise<SeenSubmission> {
  const sent = jsonObject(exchange?.body);
  const { ContentImage: content } = sent;
  const single =
    typeof content === 'object' && content !== null && 'ImageBase64' in content ? [content.ImageBase64] : [];
  const turn = readTurn(sent['messages']);
  const pictures = textList([...textList(sent['Images'] ?? sent['images']), ...single, ...turn.pictures]);
  const references = await Promise.all(pictures.map(async (picture) => seenReference(Buffer.from(picture, 'base64'))));
  return present({
    prompt: (sent['Prompt'] ?? sent['prompt'] ?? turn.prompt) as string | undefined,
    negativePrompt: sent['NegativePrompt'] as string | undefined,
    size: readSize(sent['Resolution'] ?? sent['resolution'] ?? sent['size']),
    seed: (sent['Seed'] ?? sent['seed']) as number | undefined,
    count: sent['Num'] as number | undefined,
    style: sent['Style'] as string | undefined,
    references: references.length === 0 ? undefined : references,
  });
}

interface MessagePart {
  readonly text?: string;
  readonly image_url?: { readonly url: string };
}

/** The one message of Hy-Image 3.5: its last text is the prompt, and its pictures are data URIs. */
function readTurn(messages: unknown): { readonly prompt: string | undefined; readonly pictures: readonly string[] } {
  const [turn] = Array.isArray(messages) ? (messages as { readonly content: readonly MessagePart[] }[]) : [];
  const parts = turn?.content ?? [];
  return {
    prompt: parts.at(-1)?.text,
    pictures: parts.flatMap(({ image_url: image }) => image?.url.slice(image.url.indexOf(',') + 1) ?? []),
  };
}

async function imagesMade(exchanges: readonly RecordedExchange[]): Promise<string[]> {
  const links = exchanges.map(({ answer }) => linksOf(jsonObject(answer))).findLast(({ length }) => length > 0) ?? [];
  return Promise.all(links.map(async (link) => sha256(new Uint8Array(await (await fetch(link)).arrayBuffer()))));
}

interface HunyuanAnswer {
  readonly Response?: { readonly ResultImage?: unknown };
  readonly data?: unknown;
  readonly choices?: readonly { readonly delta: { readonly image?: { readonly url: string } } }[];
}

function linksOf(answer: Record<string, unknown>): string[] {
  const { Response: response, data, choices } = answer as HunyuanAnswer;
  const entries = Array.isArray(data) ? (data as { url?: unknown }[]) : [];
  const drawn = choices?.map(({ delta }) => delta.image?.url);
  return [...textList(response?.ResultImage), ...textList(entries.map(({ url }) => url)), ...textList(drawn)];
}
