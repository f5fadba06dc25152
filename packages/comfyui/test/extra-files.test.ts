import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { createComfyUIClient } from '@holodeck/comfyui';
import type { ImageClient } from '@holodeck/core';
import { openSqliteStore } from '@holodeck/core/stores';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { emulator, useEmulator } from './support/emulator-jobs.ts';
import { meshGraph, pictureBeside } from './support/graphs.ts';

useEmulator();

let folder: string;
const clients: ImageClient[] = [];
const task = { prompt: 'a chair', outputPath: 'room/chair.png' };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extra-files-'));
  await mkdir(join(folder, 'room'));
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await rm(folder, { recursive: true, force: true });
});

function clientWith(options: Parameters<typeof createComfyUIClient>[0] = {}): ImageClient {
  const workflow = { ...meshGraph(), ...pictureBeside() };
  const client = createComfyUIClient({ url: emulator.url, outputDir: folder, workflow, retryBaseMs: 1, ...options });
  clients.push(client);
  return client;
}

it('come beside the image under a free name, and a later run still lists them', async () => {
  await writeFile(join(folder, 'room', 'chair.glb'), 'of the user');
  const first = await clientWith().generate(task);
  if (!first.success) throw first.error;
  expect(first.images).toMatchObject([{ path: join(folder, 'room', 'chair.png') }]);
  const [file] = first.extraFiles!;
  const bytes = await readFile(join(folder, 'room', 'chair-2.glb'));
  expect(bytes.toString('latin1', 0, 4)).toBe('glTF');
  expect(first.extraFiles).toEqual([
    {
      path: join(folder, 'room', 'chair-2.glb'),
      name: expect.stringMatching(/_00001_\.glb$/),
      byteLength: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    },
  ]);
  const warned = { code: 'other', messageId: 'core.extra-files', message: expect.stringContaining('room/chair-2.glb') };
  expect(first.warnings).toContainEqual(
    expect.objectContaining({ ...warned, files: [{ ...file, path: 'room/chair-2.glb' }] }),
  );
  expect(await clientWith().generate(task)).toMatchObject({ source: 'resumed', extraFiles: first.extraFiles });
  expect(await readFile(join(folder, 'room', 'chair.glb'), 'utf8')).toBe('of the user');
  expect((await readdir(join(folder, 'room'))).toSorted()).toEqual(['chair-2.glb', 'chair.glb', 'chair.png']);
});

it('stay on the server where they cannot be fetched, and never cost the image', async () => {
  emulator.setFaults([{ kind: 'http-status', status: 500, operation: 'view', nth: 2 }]);
  const result = await clientWith().generate(task);
  expect(result).toMatchObject({ success: true, attempts: 1 });
  expect(result).not.toHaveProperty('extraFiles');
  expect(result.warnings.map(({ messageId }) => messageId)).toContain('comfyui.other-files');
  expect(await readdir(join(folder, 'room'))).toEqual(['chair.png']);
});

it('are fetched again with an image that comes damaged, and lie there once', async () => {
  emulator.setFaults([{ kind: 'truncate', operation: 'view', nth: 1 }]);
  expect(await clientWith().generate(task)).toMatchObject({
    success: true,
    extraFiles: [{ path: join(folder, 'room', 'chair.glb') }],
  });
  expect((await readdir(join(folder, 'room'))).toSorted()).toEqual(['chair.glb', 'chair.png']);
});

it('are listed once, although an image that had arrived is gone and fetched again', async () => {
  await clientWith().generate(task);
  await clients.pop()!.close();
  const store = await openSqliteStore({ folder });
  // As a process leaves it that is killed before the image has its name.
  for await (const row of store.tasks.list()) await store.tasks.update(row, row.revision, { state: 'received' });
  await store.close();
  await rm(join(folder, 'room', 'chair.png'));
  const again = await clientWith().generate(task);
  expect(again).toMatchObject({ success: true, source: 'resumed', extraFiles: [expect.anything()] });
});
