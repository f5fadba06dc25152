import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf, outputDir, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

const refused = { kind: 'invalid-request', outcome: 'not-submitted', messageId: 'core.file-of-another' };

describe('a file that the task has not written', () => {
  it('of another task stays, and nothing is sent', async () => {
    const { client, backend } = start();
    await client.generateOrThrow({ prompt: 'a cat', outputPath: 'pet.png' });
    const before = await readFile(join(outputDir, 'pet.png'));
    const task = { prompt: 'a dog', outputPath: 'pet.png' };
    expect(await client.plan(task)).toMatchObject({ action: 'refuse', error: refused });
    expect(failureOf(await client.generate(task))).toMatchObject(refused);
    expect(backend.submissions).toBe(1);
    expect(await readFile(join(outputDir, 'pet.png'))).toEqual(before);
    // The first task finds its image, and makes it again where it is damaged.
    const first = { prompt: 'a cat', outputPath: 'pet.png' };
    expect(await start().client.generate(first)).toMatchObject({ success: true, source: 'resumed' });
  });

  it('of the user stays, also where it stands in the way of the second image', async () => {
    await writeFile(join(outputDir, 'pet-2.png'), 'mine');
    const { client, backend } = start();
    const task = { prompt: 'a cat', outputPath: 'pet.png', count: 2 };
    expect(failureOf(await client.generate(task))).toMatchObject(refused);
    expect(backend.submissions).toBe(0);
    expect(await readFile(join(outputDir, 'pet-2.png'), 'utf8')).toBe('mine');
    await rm(join(outputDir, 'pet-2.png'));
    expect(await client.generate(task)).toMatchObject({ success: true });
  });

  it('stays where the name comes from the id of the task, whatever its extension', async () => {
    await writeFile(join(outputDir, 'cat.webp'), 'mine');
    const { client, backend } = start();
    expect(failureOf(await client.generate({ prompt: 'a cat', taskId: 'cat' }))).toMatchObject(refused);
    expect(backend.submissions).toBe(0);
  });

  it('is replaced with overwrite', async () => {
    await writeFile(join(outputDir, 'pet.png'), 'mine');
    const { client } = start();
    const task = { prompt: 'a cat', outputPath: 'pet.png', overwrite: true };
    expect(await client.plan(task)).toMatchObject({ action: 'submit' });
    expect(await client.generate(task)).toMatchObject({ success: true });
    // The word is not part of the task: without it the image is found.
    const { overwrite: _overwrite, ...same } = task;
    expect(await start().client.generate(same)).toMatchObject({ success: true, source: 'resumed' });
  });

  it('that its own earlier request wrote is replaced', async () => {
    const { client } = start();
    await client.generateOrThrow({ prompt: 'a cat', taskId: 'pet', outputPath: 'pet.png' });
    expect(await client.generate({ prompt: 'a dog', taskId: 'pet', outputPath: 'pet.png' })).toMatchObject({
      success: true,
      source: 'generated',
    });
  });
});
