import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createComfyUIClient } from '@holodeck/comfyui';
import { paintPng, startComfyUIEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { gate } from './support/harness.ts';
import { standardGraph } from './support/graphs.ts';
import type { ComfyUIClientOptions } from '@holodeck/comfyui';
import type { ImageClient } from '@holodeck/core';
import type { ComfyUIEmulator } from '@holodeck/emulators';

let emulator: ComfyUIEmulator;
let folder: string;
const clients: ImageClient[] = [];

beforeEach(async () => {
  emulator = await startComfyUIEmulator({ jobMs: 0 });
  folder = mkdtempSync(join(tmpdir(), 'comfyui-client-'));
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  expect(emulator.ledger.internalErrors).toEqual([]);
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

function clientWith(options: ComfyUIClientOptions = {}): ImageClient {
  const client = createComfyUIClient({
    url: emulator.url,
    outputDir: folder,
    retryBaseMs: 1,
    retryMaxMs: 5,
    ...options,
    internal: { locateIntervalMs: 5 },
  });
  clients.push(client);
  return client;
}

it('a batch with two jobs at a time, in input order, and again without a submission', async () => {
  emulator.set({ jobMs: 20 });
  const tasks = Array.from({ length: 12 }, (_, seed) => ({
    prompt: `lamp ${seed}`,
    seed,
    size: '64x64',
    outputPath: `${seed}.png`,
  }));
  const results = await clientWith().generateBatch(tasks);
  expect(results.map((result) => result.success && result.images[0].seed)).toEqual(tasks.map(({ seed }) => seed));
  expect(emulator.ledger.submissions).toBe(12);
  expect(emulator.ledger.maxConcurrent).toBeLessThanOrEqual(2);
  const again = await clientWith().generateBatch(tasks);
  expect(again.every((result) => result.success && result.source === 'resumed')).toBe(true);
  expect(emulator.ledger.submissions).toBe(12);
});

it('a result names the model that the server has chosen, also when it is read again', async () => {
  const task = { prompt: 'lamp', size: '64x64', outputPath: 'lamp.png' };
  expect(await clientWith().generate(task)).toMatchObject({ success: true, model: 'emulator-checkpoint' });
  expect(await clientWith().generate(task)).toMatchObject({ source: 'resumed', model: 'emulator-checkpoint' });
});

it('what the server has no model for is refused, or left out with a warning where onUnsupported is "warn"', async () => {
  const look = join(folder, 'look.png');
  writeFileSync(look, paintPng({ width: 64, height: 64, prompt: 'a look', seed: 1 }));
  const plain = { prompt: 'lamp', size: '64x64' } as const;
  const styled = { ...plain, references: [{ path: look, role: 'style' }] } as const;
  const clear = { ...plain, background: 'transparent' } as const;
  const strict = clientWith();
  expect(await strict.generate(styled)).toMatchObject({ success: false, error: { code: 'no-reference-model' } });
  expect(await strict.generate(clear)).toMatchObject({ success: false, error: { kind: 'invalid-request' } });
  expect(emulator.ledger.submissions).toBe(0);
  const lenient = clientWith({ onUnsupported: 'warn' });
  const warned = (feature: string, message: RegExp): unknown => ({
    success: true,
    warnings: expect.arrayContaining([
      expect.objectContaining({ code: 'unsupported-option', feature, message: expect.stringMatching(message) }),
    ]),
  });
  const byWords = await lenient.generate(styled);
  expect(byWords).toMatchObject(warned('references', /left out.*flux-2-klein-4b-fp8\.safetensors/) as object);
  expect(await lenient.generate(clear)).toMatchObject(warned('background', /not transparent.*birefnet/) as object);
  expect(emulator.ledger.submissions).toBe(2);
  expect(emulator.ledger.entries.flatMap(({ references = [] }) => references)).toEqual([]);
});

it('a submission whose answer is lost is found and collected, not sent again', async () => {
  emulator.setFaults([{ kind: 'reset-after-accept', operation: 'submit', nth: 1 }]);
  const result = await clientWith().generate({ prompt: 'lamp', size: '64x64' });
  expect(result).toMatchObject({ success: true });
  expect(emulator.ledger).toMatchObject({ submissions: 1, accepted: 1 });
});

it('a submission that never arrived is sent again under a new id', async () => {
  emulator.setFaults([{ kind: 'reset-before-accept', operation: 'submit', nth: 1 }]);
  const result = await clientWith().generate({ prompt: 'lamp', size: '64x64' });
  expect(result).toMatchObject({ success: true });
  expect(emulator.ledger).toMatchObject({ submissions: 2, accepted: 1 });
});

it('resume asks for a submission of unknown outcome, and collects it without sending anything', async () => {
  // The server accepts the job, and cannot be asked while the first process runs.
  emulator.setFaults([
    { kind: 'reset-after-accept', operation: 'submit', nth: 1 },
    { kind: 'reset-before-accept', operation: 'history' },
    { kind: 'reset-before-accept', operation: 'jobs' },
    { kind: 'reset-before-accept', operation: 'queue' },
  ]);
  const first = clientWith();
  const lost = await first.generate({ prompt: 'lamp', size: '64x64', outputPath: 'lamp.png' });
  expect(lost).toMatchObject({ success: false, error: { outcome: 'unknown' } });
  await first.close();
  emulator.setFaults([]);
  expect(await Array.fromAsync(clientWith().resume())).toMatchObject([
    { success: true, source: 'resumed', images: [{ path: join(folder, 'lamp.png') }] },
  ]);
  expect(emulator.ledger).toMatchObject({ submissions: 1, accepted: 1 });
});

it('a job that a restarted server forgot is sent again under a new id, which progress and result say', async () => {
  emulator.setFaults([{ kind: 'restart', operation: 'run', nth: 1 }]);
  const told: unknown[] = [];
  const task = { prompt: 'lamp', size: '64x64', outputPath: 'lamp.png' };
  const result = await clientWith({ noRepay: true }).generate(task, {
    onProgress: (event) => event.type === 'warning' && told.push(event.warning),
  });
  expect(result).toMatchObject({ success: true, source: 'generated', warnings: [{ code: 'sent-again' }] });
  expect(told).toEqual(result.warnings);
  const [first, second] = emulator.ledger.entries;
  expect([first?.state, second?.state]).toEqual(['lost', 'succeeded']);
  expect(result.jobId).toBe(second?.id);
});

it('a server that restarts again and again ends the task; the next call sends it again', async () => {
  emulator.setFaults([{ kind: 'restart', operation: 'run', times: 2 }]);
  const task = { prompt: 'lamp', size: '64x64', outputPath: 'lamp.png' };
  expect(await clientWith().generate(task)).toMatchObject({ success: false, error: { outcome: 'lost' } });
  expect(emulator.ledger.submissions).toBe(2);
  expect(await clientWith().generate(task)).toMatchObject({ success: true, warnings: [{ code: 'sent-again' }] });
});

it('a job of an earlier process that is lost meanwhile is sent again, but not by resume', async () => {
  emulator.set({ paused: true });
  const task = { prompt: 'lamp', size: '64x64', outputPath: 'lamp.png' };
  const first = clientWith();
  const left = first.generate(task);
  await until(() => emulator.ledger.accepted === 1);
  await first.close();
  expect(await left).toMatchObject({ success: false, error: { outcome: 'accepted' } });
  emulator.restart();
  emulator.set({ paused: false });
  const second = clientWith();
  expect(await Array.fromAsync(second.resume())).toMatchObject([{ success: false, error: { outcome: 'lost' } }]);
  expect(emulator.ledger.submissions).toBe(1);
  expect(await second.generate(task)).toMatchObject({ success: true, warnings: [{ code: 'sent-again' }] });
});

it('a broken download is repeated, but not the job', async () => {
  emulator.setFaults([
    { operation: 'view', script: [{ kind: 'truncate' }, { kind: 'wrong-content', accepted: true }] },
  ]);
  const result = await clientWith().generate({ prompt: 'lamp', size: '64x64', outputPath: 'lamp.png' });
  expect(result).toMatchObject({ success: true, images: [{ width: 64, mediaType: 'image/png' }] });
  expect(readFileSync(join(folder, 'lamp.png')).length).toBeGreaterThan(0);
  expect(emulator.ledger.submissions).toBe(1);
});

it('an abort cancels the job on the server', async () => {
  emulator.set({ jobMs: 60_000 });
  const running = gate();
  const abort = new AbortController();
  const generated = clientWith().generate(
    { prompt: 'lamp', size: '64x64' },
    {
      signal: abort.signal,
      onProgress: (event) => event.type === 'progress' && event.progress.type === 'running' && running.open(),
    },
  );
  await running.opened;
  abort.abort();
  expect(await generated).toMatchObject({ success: false, error: { kind: 'aborted' } });
  await expect.poll(() => emulator.ledger.entries[0]?.state).toBe('cancelled');
});

it('options that the workflow cannot take are refused before anything is sent', async () => {
  const workflow = standardGraph();
  workflow['3']!.inputs['cfg'] = 1;
  const client = clientWith({ workflow, binding: { seed: [], batchSize: [] } });
  const results = await client.generateBatch([
    { prompt: 'x', seed: 1 },
    { prompt: 'x', negativePrompt: 'y' },
    { prompt: 'x', count: 2 },
    { prompt: 'x', size: '63x64' },
    { prompt: 'x', providerOptions: { comfyui: { inputs: { 'Nobody.steps': 3 } } } },
    { prompt: 'x', references: [{ bytes: new Uint8Array(3), role: 'init' }] },
  ]);
  expect(results.map((result) => !result.success && [result.error.kind, result.error.outcome])).toEqual([
    ['unsupported', 'not-submitted'],
    ['unsupported', 'not-submitted'],
    ['unsupported', 'not-submitted'],
    ['invalid-request', 'not-submitted'],
    ['invalid-request', 'not-submitted'],
    ['unsupported', 'not-submitted'],
  ]);
  expect(emulator.ledger.submissions).toBe(0);
});
