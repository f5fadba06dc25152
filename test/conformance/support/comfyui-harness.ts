import type { BackendHarness, SeenSubmission } from '@holodeck/conformance';
import { createComfyUIBackend } from '@holodeck/comfyui';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import { startComfyUIEmulator } from '@holodeck/emulators';
import type { ComfyUIEmulator, ComfyUIModels } from '@holodeck/emulators';
import { openBackendsUrl } from './open-backends.ts';
import { RecordingProxy } from './recording-proxy.ts';
import type { RecordedExchange } from './recording-proxy.ts';
import { jsonObject, present, sha256 } from './seen-values.ts';

const noLogin = 'ComfyUI has no login of its own';
const proxyKey = 'comfyui-proxy-key-not-a-real-one';

/** All that the built-in graphs can do: draw, follow references, cut out. */
const models: Partial<ComfyUIModels> = {
  checkpoints: ['emulator-checkpoint.safetensors'],
  diffusion_models: ['flux2_dev_fp8mixed.safetensors'],
  text_encoders: ['mistral_3_small_flux2_bf16.safetensors'],
  vae: ['flux2-vae.safetensors'],
  background_removal: ['birefnet.safetensors'],
};

/** One ComfyUI, or a pool of several, on emulators. */
export async function createComfyUIHarness(servers: number): Promise<BackendHarness> {
  const emulators = await Promise.all(
    Array.from({ length: servers }, async () => startComfyUIEmulator({ jobMs: 0, models })),
  );
  const proxies = await Promise.all(emulators.map(async ({ url }) => RecordingProxy.start(url)));
  const urls = proxies.map(({ url }) => url);
  const options: ComfyUIOptions = {
    urls,
    headers: { 'x-proxy-key': proxyKey },
    checkpoint: 'emulator-checkpoint',
    maxConcurrent: 4,
  };
  const create = (changes: ComfyUIOptions = {}) =>
    createComfyUIBackend({ ...options, internal: { locateIntervalMs: 20, backstopMs: 200 }, ...changes });
  const submissions = (): RecordedExchange[] =>
    proxies.flatMap(({ exchanges }) => exchanges.filter(isComfyUISubmission));
  return {
    createBackend: () => create(),
    variants: {
      'wrong-credential': noLogin,
      'other-account': () => create({ urls: ['http://127.0.0.1:1'] }),
      unreachable: () => create({ urls: ['http://127.0.0.1:1'] }),
    },
    request: { size: '64x64' },
    submissions: () => submissions().length,
    lastSubmission: () => readComfyUISubmission(proxies),
    imagesMade: () => imagesMade(proxies),
    faults: faultsOf(emulators),
    calm() {
      for (const emulator of emulators) {
        emulator.setFaults([]);
        emulator.set({ paused: false });
      }
    },
    secrets: [proxyKey],
    openConnections: () => proxies.reduce((sum, { connections }) => sum + connections, 0),
    remote: { module: openBackendsUrl, open: 'openComfyUI', argument: options },
    async dispose() {
      for (const proxy of proxies) proxy.close();
      await Promise.all(emulators.map(async (emulator) => emulator.close()));
    },
  };
}

function faultsOf(emulators: readonly ComfyUIEmulator[]): BackendHarness['faults'] {
  const set =
    (...faults: Parameters<ComfyUIEmulator['setFaults']>[0]) =>
    (): void => {
      for (const emulator of emulators) emulator.setFaults(faults);
    };
  const gateway = { kind: 'http-status', status: 502 } as const;
  return {
    // ComfyUI itself never refuses for load or money; a gateway in front of it does.
    'refuse-for-load': set({ kind: 'http-status', status: 429, operation: 'submit' }),
    'refuse-for-quota': set({ kind: 'http-status', status: 402, operation: 'submit' }),
    'refuse-for-content': 'ComfyUI judges no words',
    'lose-answer': set({ kind: 'reset-after-accept', operation: 'submit' }),
    'reset-submission': set({ kind: 'reset-before-accept', operation: 'submit' }),
    'fail-at-gateway': set({ ...gateway, operation: 'submit' }),
    'answer-with-page': set({ kind: 'wrong-content', operation: 'submit' }),
    'hold-submission': set({ kind: 'stall', operation: 'submit' }),
    'hold-job': () => {
      for (const emulator of emulators) emulator.set({ paused: true });
    },
    'hold-image': set({ kind: 'stall-body', operation: 'view' }),
    'fail-query': set(
      { ...gateway, operation: 'history' },
      { ...gateway, operation: 'queue' },
      { ...gateway, operation: 'jobs' },
    ),
    'fail-job': set({ kind: 'fail-job', operation: 'run' }),
    'forget-job': set({ kind: 'lose-job', operation: 'run' }),
    'damage-image': set({ kind: 'wrong-content', operation: 'view' }),
    'cut-image': set({ kind: 'truncate', operation: 'view' }),
    'expire-image': set({
      kind: 'http-status',
      status: 404,
      operation: 'view',
      headers: { 'content-type': 'application/octet-stream' },
    }),
  };
}

export function isComfyUISubmission({ method, path }: RecordedExchange): boolean {
  return method === 'POST' && /^(?:\/api)?\/prompt$/.test(path);
}

type Inputs = Readonly<Record<string, unknown>>;

/** What the graph of the last job asks for: read by class, not by the numbers of nodes. */
export async function readComfyUISubmission(proxies: readonly RecordingProxy[]): Promise<SeenSubmission> {
  const proxy = proxies.find(({ exchanges }) => exchanges.some(isComfyUISubmission));
  const sent = jsonObject(proxy?.exchanges.findLast(isComfyUISubmission)?.body);
  const graph = (sent['prompt'] ?? {}) as Readonly<Record<string, { class_type: string; inputs: Inputs }>>;
  const nodes = Object.values(graph);
  const inputsOf = (type: RegExp): Inputs => nodes.find(({ class_type: name }) => type.test(name))?.inputs ?? {};
  const sampler = inputsOf(/^KSampler/);
  const words = (link: unknown): string | undefined => {
    const text = Array.isArray(link) ? graph[String(link[0])]?.inputs['text'] : undefined;
    return typeof text === 'string' && text !== '' ? text : undefined;
  };
  const area = { ...inputsOf(/^ImageScale/), ...inputsOf(/^Empty(?:Image|\w*Latent)/) };
  const pictures = nodes
    .filter(({ class_type: name }) => name === 'LoadImage')
    .map(({ inputs }) => String(inputs['image']));
  const references = await Promise.all(
    pictures.map(async (picture) => ({ bytes: await inputFile(proxy?.url ?? '', picture) })),
  );
  return present({
    prompt: words(sampler['positive']),
    negativePrompt: words(sampler['negative']),
    size: { width: Number(area['width']), height: Number(area['height']) },
    seed: sampler['seed'] as number | undefined,
    count: (inputsOf(/^RepeatLatentBatch/)['amount'] ?? area['batch_size']) as number | undefined,
    background: nodes.some(({ class_type: name }) => name === 'JoinImageWithAlpha') ? 'transparent' : undefined,
    references: references.length === 0 ? undefined : references,
  });
}

async function inputFile(url: string, name: string): Promise<Uint8Array> {
  const [file = '', ...folders] = name.split('/').reverse();
  const query = new URLSearchParams({ filename: file, subfolder: folders.reverse().join('/'), type: 'input' });
  return new Uint8Array(await (await fetch(`${url}/view?${query.toString()}`)).arrayBuffer());
}

/** The files of the last finished job, as its record lists them. */
async function imagesMade(proxies: readonly RecordingProxy[]): Promise<string[]> {
  for (const { exchanges, url } of proxies) {
    const last = exchanges.findLast(isComfyUISubmission);
    if (last === undefined) continue;
    const id = String(jsonObject(last.body)['prompt_id']);
    const history = (await (await fetch(`${url}/history/${id}`)).json()) as Record<
      string,
      { outputs: Record<string, { images: Record<string, string>[] }> }
    >;
    const files = Object.values(history[id]?.outputs ?? {}).flatMap(({ images }) => images);
    return Promise.all(
      files.map(async (file) => {
        const answer = await fetch(`${url}/view?${new URLSearchParams(file).toString()}`);
        return sha256(new Uint8Array(await answer.arrayBuffer()));
      }),
    );
  }
  return [];
}
