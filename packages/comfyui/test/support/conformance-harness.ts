import { createHash } from 'node:crypto';
import { startComfyUIEmulator } from '@holodeck/emulators';
import { createBackend } from './harness.ts';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import type { BackendHarness, SeenReference, SeenSubmission } from '@holodeck/conformance';
import type { ImageBackend } from '@holodeck/core';
import type { ComfyUIEmulator, FaultInput } from '@holodeck/emulators';

type Inputs = Readonly<Record<string, unknown>>;
type Graph = Readonly<Record<string, { readonly class_type: string; readonly inputs: Inputs }>>;

export interface HarnessOptions {
  /** Besides the URL. */
  readonly options?: ComfyUIOptions;
  /** Default 1. */
  readonly servers?: number;
  /** Default: the emulator's. */
  readonly version?: string;
}

/** Emulators with nothing in them; the suite works on the first server's lane. */
export async function createComfyUIHarness({
  options = {},
  servers: count = 1,
  version,
}: HarnessOptions = {}): Promise<BackendHarness> {
  const emulators = await Promise.all(
    Array.from({ length: count }, () =>
      startComfyUIEmulator({ jobMs: 20, ...(version === undefined ? {} : { version }) }),
    ),
  );
  const servers = count === 1 ? { url: emulators[0]!.url } : { urls: emulators.map(({ url }) => url) };
  const headers = { 'x-api-key': 'sk-conformance-secret' };
  const create = (more: ComfyUIOptions): ImageBackend => createBackend({ ...options, headers, ...more });
  const strike =
    (...faults: FaultInput[]) =>
    () => {
      for (const emulator of emulators) emulator.setFaults(faults);
    };
  const last = (): { emulator: ComfyUIEmulator; id: string } | undefined => {
    const all = emulators.flatMap((emulator) =>
      emulator.ledger.entries.map(({ id, acceptedAtMs }) => ({ emulator, id, acceptedAtMs })),
    );
    return all.sort((a, b) => a.acceptedAtMs - b.acceptedAtMs).at(-1);
  };
  const other = await startComfyUIEmulator({ jobMs: 20 });
  return {
    createBackend: () => create(servers),
    variants: {
      'wrong-credential': 'ComfyUI has no credentials',
      'other-account': () => create({ url: other.url }),
      unreachable: () => create({ url: 'http://127.0.0.1:1' }),
    },
    request: { size: '64x64' },
    submissions: () => emulators.reduce((sum, { ledger }) => sum + ledger.submissions, 0),
    async lastSubmission() {
      const job = last();
      return job === undefined ? 'nothing was accepted' : readSubmission(job.emulator, job.id);
    },
    async imagesMade() {
      const job = last();
      return job === undefined ? 'nothing was accepted' : hashesOf(job.emulator, job.id);
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
      'hold-job': () => {
        for (const emulator of emulators) emulator.set({ paused: true });
      },
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
      for (const emulator of emulators) {
        emulator.setFaults([]);
        emulator.set({ paused: false });
      }
    },
    secrets: [headers['x-api-key']],
    openConnections: async () =>
      (await Promise.all(emulators.map((emulator) => emulator.openConnections()))).reduce((sum, open) => sum + open, 0),
    remote: {
      module: new URL('../../src/index.ts', import.meta.url).href,
      open: 'createComfyUIBackend',
      argument: { ...options, ...servers },
    },
    async dispose() {
      await Promise.all([...emulators, other].map((emulator) => emulator.close()));
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

/** The words of a request, from the graph that the server ran: built-in or standard, whose nodes have the same classes. */
async function readSubmission(emulator: ComfyUIEmulator, id: string): Promise<SeenSubmission> {
  const graph = (await historyOf(emulator, id))?.prompt[2] ?? {};
  const find = (...classes: string[]): Inputs | undefined =>
    Object.values(graph).find(({ class_type }) => classes.includes(class_type))?.inputs;
  const sampler = find('KSampler');
  const textOf = (link: unknown): string => String(graph[String((link as unknown[])[0])]?.inputs['text'] ?? '');
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
