import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createComfyUIClient } from '@holodeck/comfyui';
import { startComfyUIEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ComfyUIClientOptions } from '@holodeck/comfyui';
import type { ComfyUIEmulator } from '@holodeck/emulators';

const emulators: ComfyUIEmulator[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'several-servers-'));
});

afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function serverWith(...checkpoints: string[]): Promise<ComfyUIEmulator> {
  const emulator = await startComfyUIEmulator({ jobMs: 0, models: { checkpoints } });
  emulators.push(emulator);
  return emulator;
}

/** How many of six pictures were made, and how many jobs each server accepted. */
async function makeSix(options: ComfyUIClientOptions): Promise<{ made: number; jobs: number[]; submissions: number }> {
  const client = createComfyUIClient({
    urls: emulators.map(({ url }) => url),
    outputDir: folder,
    retryBaseMs: 1,
    retryMaxMs: 1,
    ...options,
  });
  try {
    const tasks = Array.from({ length: 6 }, (_, index) => ({
      prompt: `lamp ${index}`,
      size: '64x64',
      outputPath: `${index}.png`,
    }));
    const results = await client.generateBatch(tasks);
    return {
      made: results.filter(({ success }) => success).length,
      jobs: emulators.map(({ ledger }) => ledger.accepted),
      submissions: emulators.reduce((sum, { ledger }) => sum + ledger.submissions, 0),
    };
  } finally {
    await client.close();
  }
}

it('servers with different models: all pictures come from one model, and none fails', async () => {
  await serverWith('flux1-schnell.safetensors', 'photo_xl.safetensors');
  await serverWith('other_xl.safetensors');
  const { made, jobs, submissions } = await makeSix({});
  expect(made).toBe(6);
  expect(jobs.toSorted((a, b) => a - b)).toEqual([0, 6]);
  expect(submissions).toBe(6);
});

it('a server that lacks the named checkpoint gets no jobs', async () => {
  await serverWith('a.safetensors');
  await serverWith('a.safetensors', 'b.safetensors');
  await serverWith('b.safetensors', 'c.safetensors');
  const { made, jobs, submissions } = await makeSix({ checkpoint: 'b' });
  expect({ made, submissions }).toEqual({ made: 6, submissions: 6 });
  expect(jobs[0]).toBe(0);
});

it('a server without any model gets no jobs', async () => {
  await serverWith();
  expect(await makeSix({})).toEqual({ made: 0, jobs: [0], submissions: 0 });
  await serverWith('a.safetensors');
  expect(await makeSix({})).toEqual({ made: 6, jobs: [0, 6], submissions: 6 });
});
