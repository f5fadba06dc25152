import { expect, it } from 'vitest';
import { backendWith, call, emulator, useEmulator } from './support/emulator-jobs.ts';
import { generate } from './support/harness.ts';
import { plainGraph } from './support/graphs.ts';

useEmulator();

const { signal } = new AbortController();
const klein = 'flux-2-klein-4b-fp8.safetensors';
const models = {
  checkpoints: ['sd_xl_base_1.0.safetensors'],
  diffusion_models: [klein],
  text_encoders: ['qwen_3_4b.safetensors'],
  vae: ['flux2-vae.safetensors'],
  background_removal: ['birefnet.safetensors'],
};
const modelBytes = { [klein]: 4e9, 'qwen_3_4b.safetensors': 8e9, 'flux2-vae.safetensors': 3e8 };

it('a probe lists models, references, alpha, the queue with an estimate, and memory against the files', async () => {
  emulator.set({ models, modelBytes, device: 'cuda' });
  const backend = backendWith();
  await generate(backend);
  emulator.set({ paused: true });
  await call('/prompt', { prompt: plainGraph() });
  const report = await backend.probe({ signal });
  expect(report).toMatchObject({
    status: 'ready',
    details: { checkpoint: klein, references: true, transparent: true, queueLength: 1, modelBytes: 12.3e9 },
  });
  expect(report.details).toMatchObject({ typicalJobMs: expect.any(Number), vramFreeBytes: expect.any(Number) });
  const said = report.proves.join('\n');
  expect(said).toContain(`* ${klein}, sd_xl_base_1.0.safetensors; * is chosen. To choose another`);
  expect(said).toContain(`followed by ${klein}, qwen_3_4b.safetensors, flux2-vae.safetensors, up to 4`);
  expect(said).toMatch(/1 job is before yours, about [\d.]+ s each/);
  expect(said).toContain('take 11.5 GiB, the graphics memory has 23.5 GiB');
  emulator.set({ modelBytes: { ...modelBytes, [klein]: 40e9 } });
  const short = await backend.probe({ signal });
  expect(short.doesNotProve.join('\n')).toMatch(/that the graphics memory suffices: .*45\.0 GiB.*slower/);
});

it('a probe calls the memory of a server without a graphics card RAM, and names the missing files', async () => {
  const report = await backendWith().probe({ signal });
  expect(report.details).toMatchObject({ references: false, transparent: false, queueLength: 0 });
  expect(report.details).not.toHaveProperty('vramFreeBytes');
  expect(report.details).toHaveProperty('ramFreeBytes');
  expect(report.proves.join('\n')).toMatch(/without a graphics card.*the RAM has 23\.5 GiB/);
  const open = report.doesNotProve.join('\n');
  expect(open).toContain('models/diffusion_models/flux-2-klein-4b-fp8.safetensors');
  expect(open).toContain('models/background_removal/birefnet.safetensors');
});

it('a server whose list of jobs fails can still draw', async () => {
  emulator.setFaults([{ kind: 'reset-before-accept', operation: 'jobs' }]);
  const report = await backendWith().probe({ signal });
  expect(report).toMatchObject({ status: 'ready', details: { queueLength: 0 } });
  expect(report.details).not.toHaveProperty('typicalJobMs');
});

it('a probe of a server with many models names some, the chosen one first', async () => {
  const checkpoints = Array.from({ length: 40 }, (_, index) => `sd_xl_${index}.safetensors`);
  emulator.set({ models: { checkpoints } });
  const said = (await backendWith({ checkpoint: 'sd_xl_39' }).probe({ signal })).proves.join('\n');
  expect(said).toContain('draw with: * sd_xl_39.safetensors, ');
  expect(said).toMatch(/, \.\.\.; \* is chosen/);
  expect(said.match(/sd_xl_\d+/g)).toHaveLength(30);
});
