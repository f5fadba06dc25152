import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readRegularFile, readTextFile } from './read-regular-file.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'holodeck-read-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

it('reads a file up to the bound, and refuses a larger one', async () => {
  const path = join(await folder(), 'file');
  await writeFile(path, 'x'.repeat(10));
  expect((await readRegularFile(path, 10)).byteLength).toBe(10);
  await expect(readRegularFile(path, 9)).rejects.toMatchObject({ code: 'EFBIG' });
});

it.skipIf(process.platform === 'win32')('refuses a pipe without waiting for a writer, and a device', async () => {
  const pipe = join(await folder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(readRegularFile(pipe, 10)).rejects.toMatchObject({ code: 'ENOTREG' });
  await expect(readRegularFile('/dev/zero', 10)).rejects.toMatchObject({ code: 'ENOTREG' });
});

it('refuses a folder', async () => {
  await expect(readRegularFile(await folder(), 10)).rejects.toMatchObject({ code: 'EISDIR' });
});

it.skipIf(process.platform === 'win32')(
  'reads settings at once, without their mark, and never from a pipe',
  async () => {
    const directory = await folder();
    const [text, pipe] = [join(directory, 'text'), join(directory, 'pipe')];
    await writeFile(text, '\uFEFF{"a": "雨"}');
    expect(JSON.parse(readTextFile(text))).toEqual({ a: '雨' });
    expect(() => readTextFile(text, 5)).toThrow(expect.objectContaining({ code: 'EFBIG' }));
    execFileSync('mkfifo', [pipe]);
    expect(() => readTextFile(pipe)).toThrow(expect.objectContaining({ code: 'ENOTREG' }));
    expect(() => readTextFile('/dev/zero')).toThrow(expect.objectContaining({ code: 'ENOTREG' }));
  },
);

it('stops when its caller aborts', async () => {
  const path = join(await folder(), 'file');
  await writeFile(path, 'x'.repeat(10));
  const reason = new Error('stop');
  await expect(readRegularFile(path, 10, AbortSignal.abort(reason))).rejects.toBe(reason);
});
