import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSqliteStore, pruneDone } from '../src/stores/index.ts';
import { failureOf, outputDir, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

const lamp = { prompt: 'a lamp', taskId: 'lamp', outputPath: 'lamp.png' };
const chair = { prompt: 'a chair', taskId: 'chair', outputPath: 'chair.png' };
const table = { prompt: 'a table', taskId: 'table', outputPath: 'table.png' };

async function taskIds(): Promise<readonly string[]> {
  const store = await openSqliteStore({ folder: outputDir });
  try {
    return (await Array.fromAsync(store.tasks.list())).map(({ taskId }) => taskId);
  } finally {
    await store.close();
  }
}

it('removes done tasks whose images are whole, and nothing is paid for them again', async () => {
  const { client } = start();
  await client.generateBatch([lamp, chair, table]);
  await client.close();
  await rm(join(outputDir, 'chair.png'));
  await writeFile(join(outputDir, 'table.png'), 'changed');
  const store = await openSqliteStore({ folder: outputDir });
  expect(await pruneDone(store, { folder: outputDir, beforeMs: Date.now() - 60_000 })).toBe(0);
  expect(await pruneDone(store, { folder: outputDir, beforeMs: Date.now() + 60_000 })).toBe(1);
  await store.close();
  expect(await taskIds()).toEqual(['chair', 'table']);
  const again = start();
  expect(failureOf(await again.client.generate(lamp))).toMatchObject({ outcome: 'not-submitted' });
  expect(again.backend.submissions).toBe(0);
});

it('happens when a client closes that was told to, and not before', async () => {
  const keeping = start();
  await keeping.client.generate(lamp);
  await keeping.client.close();
  expect(await taskIds()).toEqual(['lamp']);
  const young = start({}, { pruneAfterDays: 1 });
  await young.client.generate(chair);
  await young.client.close();
  expect(await taskIds()).toEqual(['lamp', 'chair']);
  const all = start({}, { pruneAfterDays: 0 });
  await all.client.generate(table);
  await all.client.close();
  // What was written in the same millisecond may stay.
  expect((await taskIds()).filter((taskId) => taskId !== 'table')).toEqual([]);
});
