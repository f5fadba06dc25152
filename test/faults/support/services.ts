import { createComfyUIBackend } from '@holodeck/comfyui';
import { ImageClient } from '@holodeck/core';
import type { GenerationTask, ImageBackend, ImageClientOptions } from '@holodeck/core';
import type { Clock } from '@holodeck/core/backend';
import { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type { FaultInput, Ledger, OpenAIFaultKind } from '@holodeck/emulators';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import type { HunyuanApiName } from '@holodeck/hunyuan';
import { createOpenAIBackend } from '@holodeck/openai';
import { freePort } from '../../support/free-port.ts';

/** The services of the matrix: its column heads. */
export const serviceNames = [
  'Hunyuan',
  'Hy-Image 3.5',
  'OpenAI',
  'OpenAI batch',
  'OpenAI-compatible',
  'ComfyUI',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** A server of the matrix: its column, and which of the service's APIs it speaks. */
export interface FaultyServer {
  readonly column: ServiceName;
  readonly api: string;
}

/** A service on its emulator, and how to make it fail. */
export interface FaultyService {
  readonly name: ServiceName;
  readonly ledger: Ledger;
  readonly task: GenerationTask;
  /** Texts that must never be shown or stored. */
  readonly secrets: readonly string[];
  createBackend(clock: Clock): ImageBackend;
  setFaults(faults: readonly FaultInput<OpenAIFaultKind>[]): void;
  /** Length of the files of its pictures. Undefined: as painted. */
  setImageBytes(bytes: number | undefined): void;
  /** The service goes down; `start` brings it back at the same address with empty memory. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Forgets jobs, faults and counts. */
  reset(): void;
}

interface Emulator {
  readonly port: number;
  readonly ledger: Ledger;
  setFaults(faults: readonly FaultInput<never>[]): void;
  set(settings: { imageBytes: number | undefined }): void;
  reset(): void;
  close(): Promise<void>;
}

interface ServiceKind extends FaultyServer {
  readonly task: GenerationTask;
  readonly secrets: readonly string[];
  readonly open: (port: number) => Promise<Emulator>;
  readonly createBackend: (port: number, clock: Clock) => ImageBackend;
}

/** Of all pictures: no play looks at them. */
const outputSize = { width: 64, height: 64 };
const secretKey = 'fault-secret-key-not-a-real-one';
const apiKey = 'sk-fault-openai-key-not-a-real-one';
const proxyKey = 'fault-proxy-key-not-a-real-one';

const openai = (server: 'openai' | 'compatible'): ServiceKind => ({
  column: server === 'openai' ? 'OpenAI' : 'OpenAI-compatible',
  api: 'images',
  task: { prompt: '一盏铜台灯' },
  secrets: [apiKey, '?signature='],
  open: (port) => startOpenAIEmulator({ port, server, apiKey, imageMs: 0, outputSize }),
  createBackend: (port) => createOpenAIBackend({ apiKey, baseURL: `http://127.0.0.1:${port}/v1`, profile: server }),
});

const hunyuan = (api: HunyuanApiName, hasApiKey: boolean): ServiceKind => ({
  column: api === 'hy-image-3.5' ? 'Hy-Image 3.5' : 'Hunyuan',
  api,
  task: { prompt: '一盏铜台灯', size: api === '2023-09-01' ? '1024x1024' : '512x512' },
  secrets: [hasApiKey ? apiKey : secretKey, 'q-signature=', 'q-sign-time='],
  open: (port) =>
    startHunyuanEmulator({
      port,
      secretKey,
      apiKey,
      jobMs: 0,
      rewriteMs: 0,
      submitRate: 'off',
      queryRate: 'off',
      outputSize,
    }),
  createBackend: (port, clock) =>
    createHunyuanBackend({
      api,
      ...(hasApiKey ? { apiKey } : { secretId: 'AKIDEMULATOREMULATOREMULATOR', secretKey }),
      endpoint: `http://127.0.0.1:${port}`,
      internal: { clock },
    }),
});

const kinds: readonly ServiceKind[] = [
  hunyuan('image-3.0', false),
  hunyuan('tokenhub', true),
  hunyuan('2023-09-01', false),
  hunyuan('hy-image-3.5', true),
  openai('openai'),
  {
    ...openai('openai'),
    column: 'OpenAI batch',
    api: 'batches',
    open: (port) => startOpenAIEmulator({ port, apiKey, imageMs: 0, outputSize, batchMs: 0, batchPollAfterMs: 5 }),
    // Its groups and the polls of them use real time, with short waits.
    createBackend: (port) =>
      createOpenAIBackend({
        apiKey,
        baseURL: `http://127.0.0.1:${port}/v1`,
        delivery: 'batch',
        batchGatherMs: 0,
        batchListLagMs: 0,
      }),
  },
  openai('compatible'),
  {
    column: 'ComfyUI',
    api: 'prompt',
    task: { prompt: '一盏铜台灯', size: '64x64' },
    secrets: [proxyKey],
    open: (port) => startComfyUIEmulator({ port, jobMs: 0 }),
    // Its socket and its polls use real time, with short waits.
    createBackend: (port) =>
      createComfyUIBackend({
        url: `http://127.0.0.1:${port}`,
        headers: { 'x-proxy-key': proxyKey },
        internal: { locateIntervalMs: 10, backstopMs: 100 },
      }),
  },
];

/** The servers that the plays run against: a column can have several. */
export const faultyServers: readonly FaultyServer[] = kinds.map(({ column, api }) => ({ column, api }));

/** Starts a server of the matrix. */
export async function startService({ column, api }: FaultyServer): Promise<FaultyService> {
  const kind = kinds.find((one) => one.column === column && one.api === api);
  if (kind === undefined) throw new Error(`There is no service ${column} ${api}.`);
  const port = await freePort();
  let emulator = await kind.open(port);
  return {
    name: column,
    task: kind.task,
    secrets: kind.secrets,
    get ledger() {
      return emulator.ledger;
    },
    createBackend: (clock) => kind.createBackend(port, clock),
    setFaults: (faults) => emulator.setFaults(faults as readonly FaultInput<never>[]),
    setImageBytes: (imageBytes) => emulator.set({ imageBytes }),
    stop: async () => emulator.close(),
    async start() {
      emulator = await kind.open(port);
    },
    reset: () => emulator.reset(),
  };
}

/** A client of the service with its store in a folder. */
export function createClient(
  service: FaultyService,
  clock: Clock,
  outputDir: string,
  options: ImageClientOptions = {},
): ImageClient {
  return new ImageClient(service.createBackend(clock), { outputDir, internal: { clock }, ...options });
}
