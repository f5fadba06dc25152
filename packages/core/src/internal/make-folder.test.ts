import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-folder-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('makes a folder and those above it, and leaves one that exists', async () => {
  const path = join(folder, '一', 'two', 'three');
  expect(await makeFolder(path, 0o700)).toBe(true);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  expect(await makeFolder(path)).toBe(false);
});

it('may be called by many at once', async () => {
  const path = join(folder, 'a', 'b', 'c');
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)));
  expect((await stat(path)).isDirectory()).toBe(true);
});

it('refuses a place that a file takes', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it.runIf(process.platform === 'linux')('ends where a file system makes no folders', async () => {
  await expect(makeFolder('/proc/holodeck/images')).rejects.toMatchObject({ code: 'ENOENT' });
});
