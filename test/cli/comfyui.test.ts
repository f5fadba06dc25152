import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startComfyUIEmulator } from '@holodeck/emulators';
import type { ComfyUIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { ownWorkflow } from './support/own-workflow.ts';
import { openWorkspace } from './support/holodeck.ts';
import type { FinishedRun, Workspace } from './support/holodeck.ts';

const models = {
  checkpoints: ['sd_xl_base_1.0.safetensors', 'sd_xl_other.safetensors'],
  loras: ['style/ink.safetensors', 'detail.safetensors'],
};

let workspace: Workspace;
let emulator: ComfyUIEmulator;
beforeAll(async () => {
  workspace = await openWorkspace();
  emulator = await startComfyUIEmulator({ jobMs: 0, models });
  writeFileSync(join(workspace.folder, 'own.json'), JSON.stringify(ownWorkflow));
});
afterAll(async () => {
  expect(emulator.ledger.internalErrors).toEqual([]);
  await Promise.all([workspace.close(), emulator.close()]);
});

const run = (...args: readonly string[]): Promise<FinishedRun> =>
  workspace.quickRun(args, { COMFYUI_URL: emulator.url });

type Graph = Record<string, { class_type: string; inputs: Record<string, unknown> }>;

/** The graph of the newest job. */
async function lastGraph(): Promise<Graph> {
  const id = emulator.ledger.entries.at(-1)!.id;
  const answer = await fetch(`${emulator.url}/history/${id}`);
  const record = (await answer.json()) as Record<string, { prompt: [number, string, Graph] }>;
  return record[id]!.prompt[2];
}

const money = /CNY|USD|cost|price|paid|¥|\$|费用|价格|价目|美元|人民币/i;

it('--checkpoint, --lora and --input decide what the built-in graph loads and does', async () => {
  const flags = ['--checkpoint', 'sd_xl_other', '--lora', 'ink:0.8', '--lora', 'detail', '--input', 'Sampler.steps=30'];
  const ended = await run('generate', 'a kettle', '--backend', 'comfyui', '--size', '64x64', '--json', ...flags);
  expect(ended).toMatchObject({ exitCode: 0 });
  expect(ended.json()).toMatchObject([{ success: true, backend: 'comfyui', model: 'sd_xl_other' }]);
  const graph = await lastGraph();
  expect(graph['4']?.inputs).toMatchObject({ ckpt_name: 'sd_xl_other.safetensors' });
  expect(graph['60']?.inputs).toMatchObject({ lora_name: 'style/ink.safetensors', strength_model: 0.8 });
  expect(graph['61']?.inputs).toMatchObject({ lora_name: 'detail.safetensors' });
  expect(graph['3']?.inputs).toMatchObject({ steps: 30 });
});

it('another input or model is another picture, beside the first one', async () => {
  const files = new Set<unknown>();
  for (const more of [[], ['--input', 'Sampler.steps=30'], ['--input', 'Sampler.steps=31'], ['--lora', 'detail']]) {
    const args = ['generate', 'a pan', '--backend', 'comfyui', '--size', '64x64', '--seed', '1', '--json'];
    const [result] = (await run(...args, ...more)).json() as { images: { path: string }[] }[];
    files.add(result?.images[0]?.path);
  }
  expect(files.size).toBe(4);
});

it('--workflow runs a workflow of the user, with --checkpoint and --input in it', async () => {
  const flags = ['--workflow', 'own.json', '--checkpoint', 'sd_xl_other.safetensors', '--input', '5.cfg=4.5'];
  const ended = await run('generate', 'a red kettle', '--backend', 'comfyui', '--size', '64x64', ...flags);
  expect(ended).toMatchObject({ exitCode: 0 });
  const graph = await lastGraph();
  expect(graph['1']?.inputs).toMatchObject({ ckpt_name: 'sd_xl_other.safetensors' });
  expect(graph['2']?.inputs).toMatchObject({ text: 'a red kettle' });
  expect(graph['5']?.inputs).toMatchObject({ cfg: 4.5 });
});

it.each(['en', 'zh'])('a free job and its doctor speak of no money (%s)', async (language) => {
  const made = await run('generate', `a free kettle, ${language}`, '--backend', 'comfyui', '--lang', language);
  expect(made).toMatchObject({ exitCode: 0 });
  // The folder's name has random letters: they may be those of a currency.
  expect((made.stdout + made.stderr).replaceAll(workspace.folder, '')).not.toMatch(money);
  const { stdout } = await run('doctor', '--lang', language);
  const listed = (await run('jobs', '--all', '--json')).json() as readonly { readonly model: string }[];
  expect(listed.at(-1)).toMatchObject({ model: 'sd_xl_base_1.0' });
  expect(listed.map(({ model }) => model)).not.toContain('auto');
  expect(stdout).toMatch(/^comfyui ?[(（]sd_xl_base_1\.0\.safetensors[)）]/m);
  const [lines = ''] = /^comfyui[^]*?(?=^\S|$(?![^]))/m.exec(stdout) ?? [];
  expect(lines).toContain('* sd_xl_base_1.0.safetensors, sd_xl_other.safetensors');
  expect(lines).toContain('birefnet.safetensors');
  expect(lines).toMatch(language === 'en' ? /free RAM: .* GiB/ : /空闲内存：.* GiB/);
  expect(lines).toMatch(language === 'en' ? /cards in the look of the scene: no/ : /卡片沿用场景画风：否/);
  expect(lines).not.toMatch(money);
});
