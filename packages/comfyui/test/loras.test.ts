import { comfyuiOptionsFromEnvironment } from '@holodeck/comfyui';
import { startComfyUIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBackend, failure, generate } from './support/harness.ts';
import type { ComfyUIEmulator } from '@holodeck/emulators';

let emulator: ComfyUIEmulator;

beforeAll(async () => {
  const models = {
    checkpoints: ['sd_xl_base_1.0.safetensors'],
    loras: ['style/ink.safetensors', 'detail.safetensors'],
  };
  emulator = await startComfyUIEmulator({ jobMs: 0, models });
});

afterAll(async () => {
  expect(emulator.ledger.internalErrors).toEqual([]);
  await emulator.close();
});

it('LoRAs go into the built-in graph in their order, for model and text encoder, by the names of the server', async () => {
  const options = comfyuiOptionsFromEnvironment({ COMFYUI_URL: emulator.url, COMFYUI_LORAS: 'ink:0.8, detail' });
  const { loras } = options!;
  expect(loras).toEqual([{ name: 'ink', strength: 0.8 }, { name: 'detail' }]);
  const backend = createBackend({ url: emulator.url, loras: loras! });
  const { handle } = await generate(backend);
  const history = await fetch(`${emulator.url}/history/${handle.jobId}`);
  const record = (await history.json()) as Record<string, { prompt: [number, string, Record<string, unknown>] }>;
  const graph = record[handle.jobId]!.prompt[2];
  expect(graph['60']).toMatchObject({
    class_type: 'LoraLoader',
    inputs: { model: ['4', 0], clip: ['4', 1], lora_name: 'style/ink.safetensors', strength_model: 0.8 },
  });
  expect(graph['61']).toMatchObject({
    inputs: { model: ['60', 0], clip: ['60', 1], lora_name: 'detail.safetensors', strength_clip: 1 },
  });
  expect(graph['3']).toMatchObject({ inputs: { model: ['61', 0] } });
  expect(graph['6']).toMatchObject({ inputs: { clip: ['61', 1] } });
  const plain = createBackend({ url: emulator.url });
  const signal = new AbortController().signal;
  const looks = await Promise.all([backend.resolve!({ signal }), plain.resolve!({ signal })]);
  expect(looks[0]?.fingerprint).not.toBe(looks[1]?.fingerprint);
});

it.each([
  [{ loras: [{ name: 'oil' }] }, {}, '"oil" is not on the ComfyUI server'],
  [{}, { inputs: { 'Sampler.stepz': 3 } }, '(KSampler) has no "stepz". Its inputs: model, seed, steps'],
])('a name that the server does not know sends nothing, and says what there is', async (options, inputs, message) => {
  const before = emulator.ledger.submissions;
  const backend = createBackend({ url: emulator.url, ...options });
  expect(await failure(generate(backend, { providerOptions: inputs }))).toMatchObject({
    kind: 'invalid-request',
    message: expect.stringContaining(message),
  });
  expect(emulator.ledger.submissions).toBe(before);
});
