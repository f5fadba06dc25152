import { startHunyuanEmulator } from '@holodeck/emulators';
import type { HunyuanEmulator } from '@holodeck/emulators';
import { createHunyuanBackend } from '@holodeck/hunyuan';
import type { ImageBackend } from '@holodeck/core';

/** What the service documents for submissions and for queries, a second. */
const requestsPerSecond = 20;

/** How the emulated service behaves. Durations are in milliseconds of the emulator's own time. */
export interface FastServiceOptions {
  /** The service and its documented rates are that many times as fast as the real one. */
  readonly speed: number;
  readonly limit: number;
  readonly slotTailMs: number;
  /** How long the job lasts that was accepted as number `index`, from 0. */
  readonly jobMs: (index: number) => number;
}

/** Is told what a backend does. */
export interface BackendObserver {
  /** The state of the job is asked for. */
  onPoll(jobId: string): void;
  /** The job was seen to be over. */
  onEnded(jobId: string): void;
}

/** The emulator of Tencent Hunyuan, at a multiple of the real speed, so that a batch of an hour takes some minutes. */
export interface FastService {
  readonly emulator: HunyuanEmulator;
  /** A backend of its account whose lane has the service's rates. */
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
  return {
    emulator,
    createBackend: (observer) => {
      const backend = createHunyuanBackend({ ...emulator.credentials, api: 'image-3.0', endpoint: emulator.url });
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
    },
  };
}
