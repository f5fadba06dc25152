import { createHash } from 'node:crypto';
import { startComfyUIEmulator } from '@holodeck/emulators';
import { createBackend } from './harness.ts';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import type { BackendHarness, SeenReference, SeenSubmission } from '@holodeck/conformance';
import type { ImageBackend } from '@holodeck/core';
import type { ComfyUIEmulator, FaultInput } from '@holodeck/emulators';

type Inputs = Readonly<Record<string, unknown>>;
type Graph = Readonly<Record<string, { readonly class_type: string; readonly inputs: Inputs }>>;

/** An empty emulator of the given version, and its facts for the suite. */
export async function createComfyUIHarness(options: ComfyUIOptions, version: string): Promise<BackendHarness> {
  const emulator = await startComfyUIEmulator({ jobMs: 20, version });
  const other = await startComfyUIEmulator({ jobMs: 20, version });
  const headers = { 'x-api-key': 'sk-conformance-secret' };
  const create = (more: ComfyUIOptions): ImageBackend => createBackend({ ...options, headers, ...more });
  const strike =
    (...faults: FaultInput[]) =>
    () =>
      emulator.setFaults(faults);
  const lastId = (): string | undefined => emulator.ledger.entries.at(-1)?.id;
  return {
    createBackend: () => create({ url: emulator.url }),
    variants: {
      'wrong-credential': 'ComfyUI has no credentials',
      'other-account': () => create({ url: other.url }),
      unreachable: () => create({ url: 'http://127.0.0.1:1' }),
    },
    request: { size: '64x64' },
    submissions: () => emulator.ledger.submissions,
    async lastSubmission() {
      const id = lastId();
      return id === undefined ? 'nothing was accepted' : readSubmission(emulator, id);
    },
    async imagesMade() {
      const id = lastId();
      return id === undefined ? 'nothing was accepted' : hashesOf(emulator, id);
    },
    faults: {
      'refuse-for-load': strike({ kind: 'refuse', operation: 'submit', status: 429, code: 'QUEUE_LIMIT' }),
      'refuse-for-quota': strike({ kind: 'refuse', operation: 'submit', status: 402, code: 'NO_CREDITS' }),
      'refuse-for-content': 'ComfyUI does not judge words',
      'lose-answer': strike({ kind: 'reset-after-accept', operation: 'submit' }),
      'reset-submission': strike({ kind: 'reset-before-accept', operation: 'submit' }),
      'fail-at-gateway': strike({ kind: 'http-status', operation: 'submit', status: 502 }),
      'answer-with-page': strike({ kind: 'wrong-content', operation: 'submit' }),
      'hold-submission': strike({ kind: 'stall', operation: 'submit' }),
      'hold-job': () => emulator.set({ paused: true }),
      'hold-image': strike({ kind: 'stall-body', operation: 'view' }),
      'fail-query': strike(
        ...['history', 'queue', 'jobs'].map((operation): FaultInput => ({
          kind: 'http-status',
          operation,
          status: 502,
        })),
      ),
      'fail-job': strike({ kind: 'fail-job', operation: 'run' }),
      'forget-job': strike({ kind: 'lose-job', operation: 'run' }),
      'damage-image': strike({ kind: 'wrong-content', operation: 'view' }),
      'cut-image': strike({ kind: 'truncate', operation: 'view' }),
      'expire-image': strike({ kind: 'expire-url', operation: 'view' }),
    },
    calm() {
      emulator.setFaults([]);
      emulator.set({ paused: false });
    },
    secrets: [headers['x-api-key']],
    openConnections: () => emulator.openConnections(),
    remote: {
      module: new URL('../../src/index.ts', import.meta.url).href,
      open: 'createComfyUIBackend',
      argument: { ...options, url: emulator.url },
    },
    async dispose() {
      await Promise.all([emulator.close(), other.close()]);
    },
  };
}

interface HistoryEntry {
  readonly prompt: readonly [number, string, Graph];
  readonly outputs: Readonly<
    Record<string, { readonly images?: readonly { filename: string; subfolder: string; type: string }[] }>
  >;
}

async function historyOf(emulator: ComfyUIEmulator, id: string): Promise<HistoryEntry | undefined> {
  const answer = (await (await fetch(`${emulator.url}/history/${id}`)).json()) as Record<string, HistoryEntry>;
  return answer[id];
}

async function view(emulator: ComfyUIEmulator, filename: string, subfolder: string, type: string): Promise<Uint8Array> {
  const response = await fetch(`${emulator.url}/view?${new URLSearchParams({ filename, subfolder, type }).toString()}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function hashesOf(emulator: ComfyUIEmulator, id: string): Promise<string[]> {
  const outputs = Object.values((await historyOf(emulator, id))?.outputs ?? {});
  const files = outputs.flatMap(({ images = [] }) => images.filter(({ type }) => type === 'output'));
  const bytes = await Promise.all(
    files.map(({ filename, subfolder, type }) => view(emulator, filename, subfolder, type)),
  );
  return bytes.map((picture) => createHash('sha256').update(picture).digest('hex'));
}

/** A request's texts, from the graph that the server ran: the built-in or the standard one, whose nodes have the same classes. */
async function readSubmission(emulator: ComfyUIEmulator, id: string): Promise<SeenSubmission> {
  const graph = (await historyOf(emulator, id))?.prompt[2] ?? {};
  const find = (...classes: string[]): Inputs | undefined =>
    Object.values(graph).find(({ class_type }) => classes.includes(class_type))?.inputs;
  const sampler = find('KSampler');
  const textOf = (link: unknown): string => {
    const text = graph[String((link as unknown[])[0])]?.inputs['text'];
    return typeof text === 'string' ? text : '';
  };
  const size = find('ImageScale', 'EmptyLatentImage');
  const file = find('LoadImage')?.['image'];
  const references: SeenReference[] = [];
  if (typeof file === 'string') {
    const slash = file.lastIndexOf('/');
    references.push({ bytes: await view(emulator, file.slice(slash + 1), file.slice(0, Math.max(0, slash)), 'input') });
  }
  const negativePrompt = textOf(sampler?.['negative']);
  return {
    prompt: textOf(sampler?.['positive']),
    size: { width: Number(size?.['width']), height: Number(size?.['height']) },
    seed: Number(sampler?.['seed']),
    count: Number(find('RepeatLatentBatch')?.['amount'] ?? size?.['batch_size']),
    references,
    ...(negativePrompt === '' ? {} : { negativePrompt }),
  };
}
