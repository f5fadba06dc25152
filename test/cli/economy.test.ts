import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
let emulator: OpenAIEmulator;
beforeAll(async () => {
  workspace = await openWorkspace();
  emulator = await startOpenAIEmulator({ batchMs: 3_600_000, batchPollAfterMs: 10 });
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
  const listed = await workspace.run(['jobs', '--out', 'out'], { env });
  expect(listed.stdout).toContain(emulator.batches[0]?.id);
  emulator.endBatches();
  const fetched = await workspace.run(['resume', '--out', 'out'], { env });
  expect(fetched.exitCode, fetched.stderr).toBe(0);
  for (const name of ['0.png', '1.png']) expect(existsSync(join(workspace.folder, 'out', name))).toBe(true);
  expect(emulator.ledger.billed).toBe(2);
  const refused = await workspace.run(['batch', 'tasks.jsonl', '--backend', 'hunyuan', '--economy']);
  expect(refused.stderr).toContain('Leave --economy out');
  expect(refused.exitCode).toBe(2);
});
