import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ManualClock } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.close());

const place = (name: string) => join(workspace.folder, name);

/** A batch file from an untrusted source, and a folder of images with a link in it. */
function prepare(): void {
  mkdirSync(place('images'));
  mkdirSync(place('elsewhere'));
  symlinkSync(place('elsewhere'), place('images/link'));
  const lines = ['../up.png', place('absolute.png'), 'link/linked.png', '.holodeck/tasks.sqlite', 'good/a.png'];
  writeFileSync(place('tasks.jsonl'), lines.map((out) => JSON.stringify({ prompt: out, out })).join('\n'));
}

const outside = ['up.png', 'absolute.png', 'elsewhere/linked.png'];

it.each([
  ['en', /The outputPath .* lies (?:outside the output folder|among the files of the store).*--allow-outside/],
  ['zh', /输出路径 .* 在(?:输出目录 .* 之外| .* 的任务记录目录中)。.*--allow-outside/],
])('a batch line may not leave the output folder (%s)', async (lang, problem) => {
  prepare();
  const plan = await workspace.run(['batch', 'tasks.jsonl', '--out', 'images', '--dry-run', '--lang', lang]);
  expect(plan.exitCode).toBe(1);
  const run = await workspace.run(['batch', 'tasks.jsonl', '--out', 'images', '--lang', lang]);
  for (const { stderr } of [plan, run]) {
    const errors = stderr.split('\n').filter((line) => problem.test(line));
    expect(errors).toHaveLength(4);
  }
  expect(run.exitCode).toBe(1);
  expect(workspace.emulator.ledger.submissions).toBe(1);
  expect(outside.filter((name) => existsSync(place(name)))).toEqual([]);
  expect(existsSync(place('images/good/a.png'))).toBe(true);
});

it('--allow-outside permits it', async () => {
  prepare();
  writeFileSync(
    place('tasks.jsonl'),
    ['../up.png', place('absolute.png'), 'link/linked.png']
      .map((out) => JSON.stringify({ prompt: out, out }))
      .join('\n'),
  );
  const run = await workspace.run(['batch', 'tasks.jsonl', '--out', 'images', '--allow-outside']);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(outside.filter((name) => existsSync(place(name)))).toEqual(outside);
});

it('resume stays in the folder too, and loses nothing', async () => {
  await workspace.close();
  const clock = new ManualClock();
  workspace = await openWorkspace({ clock, jobMs: 1000 });
  prepare();
  writeFileSync(place('tasks.jsonl'), JSON.stringify({ prompt: 'a cup', out: '../up.png' }));
  const batch = workspace.start(['batch', 'tasks.jsonl', '--out', 'images', '--allow-outside']);
  await batch.seen('accepted');
  batch.child.kill('SIGKILL');
  await batch.finished;
  clock.advance(1000);

  const refused = await workspace.run(['resume', '--out', 'images']);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/goes to .*up\.png.*outside the output folder.*--allow-outside/);
  expect(existsSync(place('up.png'))).toBe(false);

  const allowed = await workspace.run(['resume', '--out', 'images', '--allow-outside']);
  expect(allowed).toMatchObject({ exitCode: 0 });
  expect(existsSync(place('up.png'))).toBe(true);
  expect(workspace.emulator.ledger.submissions).toBe(1);
});
