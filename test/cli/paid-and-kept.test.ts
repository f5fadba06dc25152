import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.close());

it('a file of the user is replaced only with --overwrite, or where a line of a batch says so', async () => {
  const own = join(workspace.folder, 'cup.png');
  writeFileSync(own, 'a drawing of my own');
  const cup = ['generate', 'a cup', '--out', 'cup.png'];
  for (const args of [cup, [...cup, '--dry-run']]) {
    const refused = await workspace.run(args);
    expect(refused.stderr).toMatch(/cup\.png.*--overwrite/);
    expect(refused.exitCode).toBe(2);
  }
  const line = { prompt: 'a cup', out: 'cup.png' };
  const batch = ['batch', '-', '--out', '.'];
  expect(await workspace.run(batch, { input: JSON.stringify(line) })).toMatchObject({ exitCode: 1 });
  expect(readFileSync(own, 'utf8')).toBe('a drawing of my own');
  expect(workspace.emulator.ledger.submissions).toBe(0);
  const input = JSON.stringify({ ...line, overwrite: true });
  expect(await workspace.run(batch, { input })).toMatchObject({ exitCode: 0 });
  expect(readFileSync(own).subarray(1, 4).toString()).toBe('PNG');
  // Another task's image is protected in the same way.
  expect(await workspace.run(cup.with(1, 'a mug'))).toMatchObject({ exitCode: 2 });
  expect(await workspace.run([...cup.with(1, 'a mug'), '--overwrite'])).toMatchObject({ exitCode: 0 });
  expect(workspace.emulator.ledger.submissions).toBe(2);
});

it('a lost submission is paid again with a word about it, and with --no-repay not at all', async () => {
  const cup = ['generate', 'a cup', '--out', 'cups/cup.png'];
  expect(await workspace.run(cup)).toMatchObject({ exitCode: 0 });
  const database = new DatabaseSync(join(workspace.folder, 'cups', '.holodeck', 'store.sqlite'));
  database.exec(`UPDATE tasks SET state = 'lost', images = NULL`);
  database.close();
  rmSync(join(workspace.folder, 'cups', 'cup.png'));
  const kept = await workspace.run([...cup, '--no-repay']);
  expect(kept.stderr).toMatch(/not paid again because of --no-repay/);
  expect(kept.exitCode).toBe(1);
  expect(workspace.emulator.ledger.submissions).toBe(1);
  const again = await workspace.run(cup);
  expect(again.stderr).toMatch(/lost and counts as paid.*Pass --no-repay/);
  expect(again.exitCode).toBe(0);
  expect(workspace.emulator.ledger.submissions).toBe(2);
});
