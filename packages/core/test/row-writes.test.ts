import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImageClient, ImageError } from '../src/index.ts';
import { openSqliteStore } from '../src/stores/index.ts';
import type { JobContext, JobHandle } from '../src/backend.ts';
import type { Store, TaskRow } from '../src/stores/index.ts';
import { syncFolder } from '../src/files/sync-folder.ts';
import { ScriptedBackend } from './support/scripted-backend.ts';
import type { ScriptedOptions } from './support/scripted-backend.ts';
import { outputDir, useOutputDir } from './support/scripted-client.ts';

const task = { prompt: 'a cat', taskId: 'cat', outputPath: 'cat.png' };
useOutputDir();

/** The states that one task's row was written in, and its row at the end. */
async function writesOf(
  scripted: ScriptedOptions = {},
  beforeCollect: (context: JobContext) => void = () => undefined,
): Promise<{ states: readonly unknown[]; row: TaskRow | undefined }> {
  const store = await openSqliteStore({ folder: outputDir });
  const states: unknown[] = [];
  const watched: Store = {
    kind: store.kind,
    durable: store.durable,
    location: store.location,
    sessions: store.sessions,
    registerOwner: (owner) => store.registerOwner(owner),
    isOwnerAlive: (owner) => store.isOwnerAlive(owner),
    close: () => store.close(),
    tasks: {
      begin: (row, options) => {
        states.push(row.state);
        return store.tasks.begin(row, options);
      },
      update: (id, revision, patch, options) => {
        states.push(patch.state);
        return store.tasks.update(id, revision, patch, options);
      },
      get: (id) => store.tasks.get(id),
      latest: (...id) => store.tasks.latest(...id),
      countPaid: (...id) => store.tasks.countPaid(...id),
      list: (filter) => store.tasks.list(filter),
      forget: (...id) => store.tasks.forget(...id),
      forgetDone: (...given) => store.tasks.forgetDone(...given),
    },
  };
  class WatchedBackend extends ScriptedBackend {
    override collect(handle: JobHandle, context: JobContext): ReturnType<ScriptedBackend['collect']> {
      beforeCollect(context);
      return super.collect(handle, context);
    }
  }
  const client = new ImageClient(new WatchedBackend(scripted), { outputDir, store: watched });
  await client.generate(task);
  await client.close();
  const [row] = await Array.fromAsync(store.tasks.list());
  await store.close();
  return { states, row };
}

describe('a row', () => {
  it('is written four times: before the submission, with its handle, with its image, and at the end', async () => {
    const { states, row } = await writesOf();
    expect(states).toEqual(['submitting', 'accepted', 'received', 'done']);
    // The end of the job came with one of them.
    expect(row).toMatchObject({ state: 'done', endedAtMs: expect.any(Number) });
  });

  it('is written as ended where the image cannot be had now', async () => {
    // Ends the job, then fails for good as a disk does that is full.
    const full = new ImageError({ kind: 'storage', outcome: 'accepted', message: 'The disk is full.' });
    const { row } = await writesOf({ collect: [full] }, (context) => context.onEnded?.());
    expect(row).toMatchObject({ state: 'ended', owner: null, endedAtMs: expect.any(Number) });
  });
});

describe('the sync of a folder', () => {
  it('is shared by those who ask meanwhile, and each of them resolves', async () => {
    const folder = join(outputDir, 'many');
    await mkdir(folder);
    const files = Array.from({ length: 20 }, (_, index) => join(folder, `${index}.txt`));
    await Promise.all(
      files.map(async (file) => {
        await writeFile(`${file}.part`, file);
        await rename(`${file}.part`, file);
        await syncFolder(folder);
      }),
    );
    for (const file of files) expect(await readFile(file, 'utf8')).toBe(file);
  });

  it('says that a folder is gone to everyone who asks, also later', async () => {
    const gone = join(outputDir, 'gone');
    const answers = await Promise.allSettled([syncFolder(gone), syncFolder(gone), syncFolder(gone)]);
    expect(answers.map((answer) => answer.status === 'rejected' && (answer.reason as { code: string }).code)).toEqual([
      'ENOENT',
      'ENOENT',
      'ENOENT',
    ]);
    await mkdir(gone);
    await syncFolder(gone);
  });
});
