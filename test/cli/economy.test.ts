import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock, startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { until } from '../support/until.ts';
import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
let emulator: OpenAIEmulator;
let clock: ManualClock;
beforeAll(async () => {
  workspace = await openWorkspace();
  // Batches run until the test ends them or moves the emulator's time.
  clock = new ManualClock();
  emulator = await startOpenAIEmulator({ clock, imageMs: 0, batchMs: 3_600_000, batchPollAfterMs: 10 });
});
afterAll(async () => {
  await emulator.close();
  await workspace.close();
});

it('submits a batch at half the price, leaves, and another process fetches it', async () => {
  const lines = ['a lamp', 'a vase'].map((prompt, index) => JSON.stringify({ prompt, out: `${index}.png` }));
  writeFileSync(join(workspace.folder, 'tasks.jsonl'), lines.join('\n'));
  const env = { OPENAI_API_KEY: emulator.apiKey, OPENAI_BASE_URL: emulator.baseURL };
  const submitted = await workspace.run(
    ['batch', 'tasks.jsonl', '--out', 'out', '--backend', 'openai', '--economy', '--no-wait'],
    { env },
  );
  expect(submitted.stderr).toContain('2 submitted');
  expect(submitted.exitCode).toBe(0);
  expect(emulator.batches).toHaveLength(1);
  expect(emulator.ledger.entries.map(({ priceShare }) => priceShare)).toEqual([0.5, 0.5]);
  const listed = await workspace.quickRun(['jobs', '--out', 'out'], env);
  expect(listed.stdout).toContain(emulator.batches[0]?.id);
  emulator.endBatches();
  const fetched = await workspace.quickRun(['resume', '--out', 'out'], env);
  expect(fetched.exitCode, fetched.stderr).toBe(0);
  for (const name of ['0.png', '1.png']) expect(existsSync(join(workspace.folder, 'out', name))).toBe(true);
  expect(emulator.ledger.billed).toBe(2);
  const refused = await workspace.quickRun(['batch', 'tasks.jsonl', '--backend', 'hunyuan', '--economy']);
  expect(refused.stderr).toContain('Leave --economy out');
  expect(refused.exitCode).toBe(2);
});

it('leaves what --max-cost has no room for yet, and says so', async () => {
  const env = { OPENAI_API_KEY: emulator.apiKey, OPENAI_BASE_URL: emulator.baseURL };
  const lines = ['a bell', 'a drum', 'a harp'].map((prompt) => JSON.stringify({ prompt, out: `${prompt}.png` }));
  writeFileSync(join(workspace.folder, 'bells.jsonl'), lines.join('\n'));
  const { length } = emulator.ledger.entries;
  const submitted = await workspace.run(
    ['batch', 'bells.jsonl', '--out', 'bells', '--backend', 'openai', '--economy', '--no-wait', '--max-cost', '0.15'],
    { env },
  );
  expect(submitted.exitCode, submitted.stderr).toBe(0);
  expect(submitted.stderr).toContain('1 submitted');
  expect(submitted.stderr).toContain('2 not submitted: --max-cost');
  expect(emulator.ledger.entries).toHaveLength(length + 1);
  emulator.endBatches();
  await workspace.quickRun(['resume', '--out', 'bells'], env);
});

it('waits with progress, and may be stopped, cancelled and fetched by another process', async () => {
  const env = { OPENAI_API_KEY: emulator.apiKey, OPENAI_BASE_URL: emulator.baseURL };
  const lines = ['a cup', 'a jug', 'a pot'].map((prompt) => JSON.stringify({ prompt, out: `${prompt}.png` }));
  writeFileSync(join(workspace.folder, 'cups.jsonl'), lines.join('\n'));
  const count = emulator.batches.length;
  const started = workspace.start(['batch', 'cups.jsonl', '--out', 'cups', '--backend', 'openai', '--economy'], {
    env,
  });
  await started.seen('3 submitted in batches, 0 of 3 done after 0 min; saves about 0.');
  started.child.kill('SIGINT');
  const stopped = await started.finished;
  expect(stopped.exitCode, stopped.stderr).toBe(130);
  expect(stopped.stderr).toContain('"resume --out cups"');
  expect(emulator.batches).toHaveLength(count + 1);
  const batch = emulator.batches.at(-1)?.id ?? '';
  const listed = await workspace.quickRun(['jobs', '--out', 'cups'], env);
  expect(listed.stderr).toContain(`${batch}: 3 images, submitted 2`);
  const unknown = await workspace.quickRun(['jobs', 'cancel', 'batch_none', '--out', 'cups'], env);
  expect(unknown.stderr).toContain('"jobs" shows the batches');
  expect(unknown.exitCode).toBe(2);
  const cancelled = await workspace.quickRun(['jobs', 'cancel', batch.slice(0, 20), '--out', 'cups', '--json'], env);
  expect(cancelled.exitCode, cancelled.stderr).toBe(0);
  expect(cancelled.json()).toEqual([{ cancelled: batch, backend: 'openai' }]);
  clock.advance(400_000);
  const resumed = await workspace.quickRun(['resume', '--out', 'cups', '--json'], env);
  expect(resumed.exitCode, resumed.stderr).toBe(1);
  expect(resumed.json().map(({ error }) => (error as { code: string }).code)).toEqual(Array(3).fill('batch_cancelled'));
  expect(emulator.ledger.entries.slice(-3).map(({ billed }) => billed)).toEqual([0, 0, 0]);
});

it('makes the reference of a scene at once and its cards in one batch; another process fetches them', async () => {
  const env = { OPENAI_API_KEY: emulator.apiKey, OPENAI_BASE_URL: emulator.baseURL };
  const scene = [
    'scene',
    'an attic',
    '--session',
    'attic',
    '--object',
    'lamp',
    '--object',
    'vase',
    '--object',
    'stool',
  ];
  const economy = [...scene, '--backend', 'openai', '--economy'];
  const plan = await workspace.quickRun([...economy, '--dry-run'], env);
  // The reference at the highest quality, each card at half of that and of what its reference picture costs at most.
  const estimate = 0.2107 + (3 * (0.2107 + (6600 * 8) / 1e6)) / 2;
  expect(plan.stdout).toContain(`Images to make: 4. Estimated cost: about ${estimate.toFixed(3)}`);
  const batches = emulator.batches.length;
  const before = emulator.ledger.entries.length;
  const started = workspace.start(economy, { env });
  await until(() => emulator.batches.length > batches);
  for (const object of ['lamp', 'vase', 'stool']) await started.seen(`card/${object}: accepted`);
  started.child.kill('SIGINT');
  const stopped = await started.finished;
  expect(stopped.exitCode, stopped.stderr).toBe(130);
  expect(stopped.stderr).toContain('resume --out output');
  expect(emulator.batches).toHaveLength(batches + 1);
  expect(emulator.batches.at(-1)?.endpoint).toBe('/v1/images/edits');
  expect(emulator.ledger.entries.slice(before).map(({ priceShare = 1 }) => priceShare)).toEqual([1, 0.5, 0.5, 0.5]);
  emulator.endBatches();
  const fetched = await workspace.quickRun(['resume', 'attic', '--json'], env);
  expect(fetched.exitCode, fetched.stderr).toBe(0);
  expect(fetched.json().map(({ success }) => success)).toEqual([true, true, true]);
  const again = await workspace.quickRun(economy, env);
  expect(again.stderr).toContain('0 made, 4 already there or paid for');
  expect(emulator.ledger.entries).toHaveLength(before + 4);
  const manifest = JSON.parse(
    readFileSync(join(workspace.folder, 'output', 'attic', 'manifest.json'), 'utf8'),
  ) as Manifest;
  const cost = new Map(manifest.assets.map(({ id, cost: { amount } }) => [id, amount]));
  const reference = cost.get('scene-reference') ?? 0;
  expect(reference).toBeGreaterThan(0.0527);
  expect(reference).toBeLessThan(0.055);
  for (const id of ['card/lamp', 'card/vase', 'card/stool']) {
    // The same picture, with 323 tokens of the reference and more words.
    expect(cost.get(id)).toBeGreaterThan(reference / 2);
    expect(cost.get(id)).toBeLessThan(reference / 2 + 0.003);
  }
});

interface Manifest {
  readonly assets: readonly { readonly id: string; readonly cost: { readonly amount: number } }[];
}
