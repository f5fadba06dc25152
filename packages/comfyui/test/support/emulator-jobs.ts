import { startComfyUIEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect } from 'vitest';
import { createBackend, imageRequest, startJob } from './harness.ts';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import type { ImageBackend } from '@holodeck/core';
import type { JobHandle } from '@holodeck/core/backend';
import type { ComfyUIEmulator } from '@holodeck/emulators';
import type { Job } from './harness.ts';

/** The current test's emulator. */
export let emulator: ComfyUIEmulator;
/** Backends that are closed after the test. */
export const backends: ImageBackend[] = [];

/** Gives every test of the file its own emulator, which must have no internal errors. */
export function useEmulator(): void {
  beforeEach(async () => {
    emulator = await startComfyUIEmulator({ jobMs: 0 });
  });

  afterEach(async () => {
    await Promise.all(backends.splice(0).map((backend) => backend.close()));
    expect(emulator.ledger.internalErrors).toEqual([]);
    await emulator.close();
  });
}

/** A backend of this emulator that is closed after the test. */
export function backendWith(options: ComfyUIOptions = {}): ImageBackend {
  const backend = createBackend({ url: emulator.url, ...options });
  backends.push(backend);
  return backend;
}

/** A job that waits in the queue: jobs do not start until `paused` is lifted. */
export async function queueJob(
  backend: ImageBackend,
  job: Job = startJob(backend),
): Promise<Job & { handle: JobHandle }> {
  emulator.set({ paused: true });
  const handle = await backend.submit(imageRequest(), job.context);
  return { ...job, handle };
}

/** A job that keeps running for a while. */
export async function runningJob(
  backend: ImageBackend,
  jobMs = 60_000,
): Promise<Job & { handle: JobHandle; collected: Promise<unknown> }> {
  emulator.set({ jobMs });
  let running = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    running = resolve;
  });
  const job = startJob(backend, { onProgress: (event) => event.type === 'running' && running() });
  const handle = await backend.submit(imageRequest(), job.context);
  const collected = backend.collect(handle, job.context);
  collected.catch(() => undefined);
  await begun;
  return { ...job, handle, collected };
}

/** Posts to the server directly, as another client. */
export const call = (path: string, body: unknown): Promise<Response> =>
  fetch(`${emulator.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
