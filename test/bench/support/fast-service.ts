import { startHunyuanEmulator } from '@holodeck/emulators';
import type { HunyuanEmulator } from '@holodeck/emulators';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import type { ImageBackend } from '@holodeck/core';

/** The documented rates for submissions and queries, per second. */
const requestsPerSecond = 20;

/** How the emulated service behaves. Durations are in milliseconds of the emulator's own time. */
export interface FastServiceOptions {
  /** How many times as fast as the real service, with its documented rates. */
  readonly speed: number;
  readonly limit: number;
  readonly slotTailMs: number;
  /** How long the job with this index takes, in the order of acceptance from 0. */
  readonly jobMs: (index: number) => number;
}

/** Receives what a backend does. */
export interface BackendObserver {
  /** The job was polled. */
  onPoll(jobId: string): void;
  /** The job was seen to be over. */
  onEnded(jobId: string): void;
}

/** An account of the emulated service, for any process. */
export interface FastAccount {
  readonly url: string;
  readonly credentials: { readonly secretId: string; readonly secretKey: string };
  /** Requests per second. */
  readonly rate: number;
}

/** The emulator of Tencent Hunyuan at a multiple of the real speed, so a batch of an hour takes a few minutes. */
export interface FastService {
  readonly emulator: HunyuanEmulator;
  readonly account: FastAccount;
  /** A backend for its account; its lane has the service's rates. */
  createBackend(observer?: BackendObserver): ImageBackend;
}

export async function startFastService(options: FastServiceOptions): Promise<FastService> {
  const { speed, ...settings } = options;
  const rate = requestsPerSecond * speed;
  const emulator = await startHunyuanEmulator({
    ...settings,
    submitRate: rate,
    queryRate: rate,
    outputSize: { width: 64, height: 64 },
  });
  const account = { url: emulator.url, credentials: emulator.credentials, rate };
  return { emulator, account, createBackend: (observer) => createFastBackend(account, observer) };
}

/** A backend for the account; its lane has the service's rates. */
export function createFastBackend({ url, credentials, rate }: FastAccount, observer?: BackendObserver): ImageBackend {
  const backend = createHunyuanBackend({ ...credentials, api: 'image-3.0', endpoint: url });
  const [lane] = backend.lanes;
  return {
    name: backend.name,
    model: backend.model,
    fingerprint: backend.fingerprint,
    capabilities: backend.capabilities,
    lanes: [{ ...lane, submissionsPerSecond: rate, queriesPerSecond: rate }],
    probe: (context) => backend.probe(context),
    submit: (request, context) => backend.submit(request, context),
    collect: (handle, context) =>
      backend.collect(handle, {
        ...context,
        nextPoll: async () => {
          await context.nextPoll?.();
          observer?.onPoll(handle.jobId);
        },
        onEnded: () => {
          observer?.onEnded(handle.jobId);
          context.onEnded?.();
        },
      }),
    close: () => backend.close(),
  };
}
