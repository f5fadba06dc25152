import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { ImageClient } from '../../src/index.ts';
import { openStoreForFolder } from '../../src/stores/index.ts';
import type { GenerationResult, GenerationTask, ImageClientOptions, ImageError } from '../../src/index.ts';
import type { TaskRow } from '../../src/stores/index.ts';
import { ScriptedBackend } from './scripted-backend.ts';
import type { ScriptedOptions } from './scripted-backend.ts';

/** The output folder of the test that runs. */
export let outputDir: string;
/** Clients that are closed after the test. */
export const clients: ImageClient[] = [];

/** Gives every test of the file a folder of its own. */
export function useOutputDir(): void {
  beforeEach(async () => {
    outputDir = await mkdtemp(join(tmpdir(), 'holodeck-client-'));
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await rm(outputDir, { recursive: true, force: true });
  });
}

/** Runs a task until its job is accepted, and stops there: what a next process finds. The job is never delivered. */
export async function leaveAccepted(task: GenerationTask): Promise<void> {
  const { client } = start({ collect: ['never-ends'] });
  const abort = new AbortController();
  await client.generate(task, {
    signal: abort.signal,
    onProgress: (event) => event.type === 'state' && event.state === 'accepted' && abort.abort(),
  });
  await client.close();
}

/** A client with a provider of its own, as a new process would have. */
export function start(
  scripted: ScriptedOptions = {},
  options: ImageClientOptions = {},
  backend = new ScriptedBackend(scripted),
): { backend: ScriptedBackend; client: ImageClient } {
  const client = new ImageClient(backend, { outputDir, retryBaseMs: 1, retryMaxMs: 20, ...options });
  clients.push(client);
  return { backend, client };
}

/** What the store of the output folder keeps of its tasks. */
export async function rows(): Promise<TaskRow[]> {
  const store = await openStoreForFolder(outputDir);
  const all = await Array.fromAsync(store.tasks.list());
  await store.close();
  return all;
}

/** The error of a task that failed. */
export function failureOf(result: GenerationResult): ImageError {
  if (result.success) throw new Error('The task succeeded.');
  return result.error;
}
