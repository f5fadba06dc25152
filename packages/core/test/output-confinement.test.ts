import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ImageClient } from '../src/index.ts';
import { openStoreForFolder } from '../src/stores/index.ts';
import { ScriptedBackend } from './support/scripted-backend.ts';
import { outputDir, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();
let elsewhere: string;
beforeEach(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'holodeck-elsewhere-'));
  await mkdir(join(outputDir, 'inner'));
  await symlink(elsewhere, join(outputDir, 'link'));
  await symlink(join(elsewhere, 'later'), join(outputDir, 'dangling'));
  await symlink(join(outputDir, 'inner'), join(outputDir, 'shortcut'));
  await mkdir(join(outputDir, '.holodeck'));
  await symlink(join(outputDir, '.holodeck'), join(outputDir, 'store'));
});
afterEach(() => rm(elsewhere, { recursive: true, force: true }));

describe('an output path that is confined to the output folder', () => {
  it.each([
    ['one level up', () => '../x.png'],
    ['up through a folder', () => 'inner/../../x.png'],
    ['an absolute path', () => join(elsewhere, 'x.png')],
    ['a link inside the folder', () => 'link/x.png'],
    ['a folder below a link', () => 'link/deeper/x.png'],
    ['a link to what does not exist yet', () => 'dangling/x.png'],
    ["the store's own folder", () => '.holodeck/tasks.sqlite'],
    ["the store's own folder in capitals", () => '.HOLODECK/tasks.sqlite'],
    ["a link to the store's own folder", () => 'store/tasks.sqlite'],
  ])('is refused before anything is sent: %s', async (_what, path) => {
    const { client, backend } = start({}, { confineToOutputDir: true });
    const task = { prompt: 'a cat', outputPath: path() };
    const result = await client.generate(task);
    expect(result).toMatchObject({
      success: false,
      error: { kind: 'invalid-request', outcome: 'not-submitted', message: expect.stringContaining(outputDir) },
    });
    expect(await client.plan(task)).toMatchObject({ action: 'refuse', error: { kind: 'invalid-request' } });
    expect(backend.submissions).toBe(0);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it.each([
    ['a name', () => 'x.png'],
    ['a folder that does not exist yet', () => 'a/b/x.png'],
    ['a name with two dots', () => '..x/..y.png'],
    ['up and back again', () => `../${basename(outputDir)}/x.png`],
    ['an absolute path inside', () => join(outputDir, 'x.png')],
    ['a link that stays inside', () => 'shortcut/x.png'],
  ])('is taken: %s', async (_what, path) => {
    const { client } = start({}, { confineToOutputDir: true });
    expect(await client.generate({ prompt: 'a cat', outputPath: path() })).toMatchObject({ success: true });
  });

  it('needs an output folder', () => {
    expect(() => new ImageClient(new ScriptedBackend(), { confineToOutputDir: true })).toThrow(/needs an outputDir/);
  });

  it('may be anywhere by default', async () => {
    const { client } = start();
    expect(await client.generate({ prompt: 'a cat', outputPath: 'link/x.png' })).toMatchObject({ success: true });
    expect(await readdir(elsewhere)).toEqual(['x.png']);
  });
});

describe('resume, confined to the output folder', () => {
  it('leaves a paid task whose image goes elsewhere as it is, until that is allowed', async () => {
    const outputPath = join(elsewhere, 'x.png');
    const first = start({ collect: ['never-ends'] });
    const stop = new AbortController();
    const onProgress = (event: { readonly type: string; readonly state?: string }): void => {
      if (event.state === 'accepted') stop.abort();
    };
    await first.client.generate({ prompt: 'a cat', outputPath }, { signal: stop.signal, onProgress });
    await first.client.close();

    const confined = start({}, { confineToOutputDir: true });
    expect(await Array.fromAsync(confined.client.resume())).toMatchObject([
      { success: false, error: { kind: 'storage', outcome: 'accepted', message: expect.stringContaining(outputPath) } },
    ]);
    await confined.client.close();
    expect(await readdir(elsewhere)).toEqual([]);
    const store = await openStoreForFolder(outputDir);
    expect(await Array.fromAsync(store.tasks.list())).toMatchObject([{ state: 'accepted' }]);
    await store.close();

    const free = start();
    expect(await Array.fromAsync(free.client.resume())).toMatchObject([{ success: true, source: 'resumed' }]);
    expect(await readdir(elsewhere)).toEqual(['x.png']);
  });
});
