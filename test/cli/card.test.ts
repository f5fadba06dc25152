import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { inspectImage } from '@holodeck/core/backend';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';
import { disc, picture } from './support/picture.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  writeFileSync(join(workspace.folder, 'lamp.png'), await picture(disc()));
  writeFileSync(join(workspace.folder, 'pair.png'), await picture(disc(120, 100), disc(390, 100)));
  writeFileSync(join(workspace.folder, 'note.png'), 'not a picture');
});
afterAll(() => workspace.close());

const inspect = (file: string) => inspectImage(readFileSync(join(workspace.folder, file)));

it('cuts the object out of a picture and writes the card beside it', async () => {
  expect(await workspace.quickRun(['card', 'lamp.png'])).toMatchObject({
    exitCode: 0,
    stdout: 'lamp.card.png\n',
    stderr: '',
  });
  expect(inspect('lamp.card.png')).toMatchObject({ width: 1024, height: 1024, hasAlpha: true, complete: true });
  expect(inspect('lamp.png')).toMatchObject({ width: 512, height: 512 });
});

it('writes the card to --out, and reports with --json what it found and did', async () => {
  const run = await workspace.quickRun(['card', 'lamp.png', '--out', 'cut.png', '--json']);
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  expect(run.json()).toEqual([
    expect.objectContaining({
      path: 'cut.png',
      changed: true,
      gate: expect.objectContaining({ verdict: 'passed', image: expect.objectContaining({ width: 1024 }) }),
      original: expect.objectContaining({ image: expect.objectContaining({ width: 512 }) }),
      normalised: { normaliserVersion: 2, steps: ['cut-out', 'recentre'] },
    }),
  ]);
  expect(inspect('cut.png')).toMatchObject({ width: 1024, hasAlpha: true });
});

it('does not change a finished card, and says so', async () => {
  await workspace.quickRun(['card', 'lamp.png', '--out', 'finished.png']);
  const again = await workspace.quickRun(['card', 'finished.png']);
  expect(again).toMatchObject({ exitCode: 0, stdout: 'finished.png\n' });
  expect(again.stderr).toContain('finished.png: The picture is already transparent');
  expect(existsSync(join(workspace.folder, 'finished.card.png'))).toBe(false);
});

it('only measures with --no-normalise', async () => {
  const run = await workspace.quickRun(['card', 'lamp.png', '--no-normalise', '--out', 'never.png', '--json']);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run.json()[0]).toMatchObject({ path: 'lamp.png', changed: false, gate: { verdict: 'passed' } });
  expect(existsSync(join(workspace.folder, 'never.png'))).toBe(false);
});

it('says why a picture fails, and ends with 1', async () => {
  const pair = await workspace.quickRun(['card', 'pair.png']);
  expect(pair).toMatchObject({ exitCode: 1, stdout: 'pair.png\n' });
  expect(pair.stderr).toContain('There are 2 separate things in the picture.');
  const note = await workspace.quickRun(['card', 'note.png', '--lang', 'zh']);
  expect(note).toMatchObject({ exitCode: 1, stdout: 'note.png\n' });
  expect(note.stderr).toMatch(/^错误：note\.png.*\p{Script=Han}/u);
});

it.each([
  [['card', 'none.png'], 'The picture none.png cannot be read (ENOENT).'],
  [['card', '.'], '. is not a file.'],
  [['card', 'lamp.png', '--out', './lamp.png'], '--out names the picture itself'],
  [['card', 'lamp.png', '--out', 'nowhere/lamp.png'], 'The card nowhere/lamp.png cannot be written (ENOENT).'],
])('refuses %j', async (args, message) => {
  const run = await workspace.quickRun(args);
  expect(run).toMatchObject({ exitCode: 2, stdout: '' });
  expect(run.stderr).toContain(message);
});
