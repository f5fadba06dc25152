import { createComfyUIBackend } from '@holodeck/comfyui';
import type { ImageBackend } from '@holodeck/core';
import type { Clock } from '@holodeck/core/backend';
import { ManualClock, startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import type { FaultInput, Ledger, OpenAIFaultKind } from '@holodeck/emulators';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import { createOpenAIBackend } from '@holodeck/openai';
import { freePort } from '../../support/free-port.ts';

export const serviceNames = ['hunyuan', 'openai', 'comfyui'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** A service on its emulator whose jobs end at once, unless they are held. */
export interface TracedService {
  readonly name: ServiceName;
  readonly ledger: Ledger;
  /** The emulator's word for the operation that may cost money. */
  readonly submit: 'submit' | 'generate';
  /** With a given clock, short waits of the backend take no time. `model`: another one than the default. */
  createBackend(clock?: Clock, model?: string): ImageBackend;
  setFaults(faults: readonly FaultInput<OpenAIFaultKind>[]): void;
  /** New jobs do not end before `endJobs`. */
  holdJobs(): void;
  endJobs(): void;
  /** The service stops, and starts at the same address with empty memory. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const jobMs = 1_800_000;

const hunyuan = async (): Promise<TracedService> => {
  const port = await freePort();
  const clock = new ManualClock();
  const open = () => startHunyuanEmulator({ clock, port, jobMs: 0, submitRate: 'off', queryRate: 'off', limit: 4 });
  let emulator = await open();
  const { url: endpoint, credentials } = emulator;
  const { secretId, secretKey } = credentials;
  return {
    name: 'hunyuan',
    submit: 'submit',
    get ledger() {
      return emulator.ledger;
    },
    createBackend: (own) =>
      createHunyuanBackend({
        endpoint,
        secretId,
        secretKey,
        ...(own === undefined ? {} : { internal: { clock: own } }),
      }),
    setFaults: (faults) => emulator.setFaults(faults as readonly FaultInput[]),
    holdJobs: () => emulator.set({ jobMs }),
    endJobs() {
      emulator.set({ jobMs: 0 });
      clock.advance(jobMs);
    },
    stop: () => emulator.close(),
    async start() {
      emulator = await open();
    },
  };
};

const openai = async (): Promise<TracedService> => {
  const port = await freePort();
  const open = () => startOpenAIEmulator({ port, imageMs: 0 });
  let emulator = await open();
  const { apiKey, baseURL } = emulator;
  return {
    name: 'openai',
    submit: 'generate',
    get ledger() {
      return emulator.ledger;
    },
    createBackend: (_clock, model) =>
      createOpenAIBackend({ apiKey, baseURL, ...(model === undefined ? {} : { model }) }),
    setFaults: (faults) => emulator.setFaults(faults),
    // The answer is the image: there is no job to hold.
    holdJobs: () => undefined,
    endJobs: () => undefined,
    stop: () => emulator.close(),
    async start() {
      emulator = await open();
    },
  };
};

const comfyui = async (): Promise<TracedService> => {
  const port = await freePort();
  const open = () => startComfyUIEmulator({ port, jobMs: 0 });
  let emulator = await open();
  const { url } = emulator;
  return {
    name: 'comfyui',
    submit: 'submit',
    get ledger() {
      return emulator.ledger;
    },
    // Its socket and its polls use real time, with short waits.
    createBackend: () => createComfyUIBackend({ url, internal: { locateIntervalMs: 10, backstopMs: 100 } }),
    setFaults: (faults) => emulator.setFaults(faults as readonly FaultInput[]),
    holdJobs: () => emulator.set({ paused: true }),
    endJobs: () => emulator.set({ paused: false }),
    stop: () => emulator.close(),
    async start() {
      emulator = await open();
    },
  };
};

const starters: Readonly<Record<ServiceName, () => Promise<TracedService>>> = { hunyuan, openai, comfyui };

export async function startService(name: ServiceName): Promise<TracedService> {
  return starters[name]();
}
