import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImageClient } from '../src/index.ts';
import { createMemoryStore } from '../src/stores/index.ts';
import type { TaskEvent } from '../src/index.ts';
import type { ImageRequest, JobContext, JobHandle } from '../src/backend.ts';
import { fault, ScriptedBackend } from './support/scripted-backend.ts';
import { clients, outputDir, rows, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

describe('a task that goes well', () => {
  it('passes all states in order and ends as a file', async () => {
    const { client, backend } = start();
    const events: TaskEvent[] = [];
    const result = await client.generate(
      { prompt: '雨夜的面馆', outputPath: '图/面馆.png' },
      { onProgress: (event) => events.push(event) },
    );
    expect(result).toMatchObject({
      success: true,
      source: 'generated',
      attempts: 1,
      paidAttempts: 1,
      backend: 'scripted',
    });
    if (!result.success) return;
    expect(result.images).toHaveLength(1);
    expect(result.images[0]).toMatchObject({
      path: join(outputDir, '图', '面馆.png'),
      width: 64,
      height: 64,
      mediaType: 'image/png',
      seed: 7,
    });
    expect(events.flatMap((event) => (event.type === 'state' ? [event.state] : []))).toEqual([
      'queued',
      'submitting',
      'accepted',
      'ended',
      'done',
    ]);
    expect(await readdir(join(outputDir, '图'))).toEqual(['面馆.png']);
    expect(await rows()).toMatchObject([
      { state: 'done', owner: null, outputPath: '图/面馆.png', images: [{ path: '图/面馆.png' }] },
    ]);
    expect(backend.keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('returns bytes without an output folder, and keeps no rows', async () => {
    const backend = new ScriptedBackend();
    const store = createMemoryStore();
    const client = new ImageClient(backend, { store });
    clients.push(client);
    const result = await client.generateOrThrow({ prompt: 'a cat' });
    expect(result.images[0].bytes?.byteLength).toBe(result.images[0].byteLength);
    expect(await Array.fromAsync(store.tasks.list())).toEqual([]);
  });

  it('makes two images for the same task twice, and none when the command runs again', async () => {
    const first = start();
    const task = { prompt: 'a cat' };
    const made = await first.client.generateBatch([task, task]);
    expect(new Set(made.map(({ taskId }) => taskId)).size).toBe(2);
    expect(first.backend.submissions).toBe(2);
    await first.client.close();
    const second = start();
    const again = await second.client.generateBatch([task, task]);
    expect(again).toMatchObject([
      { success: true, source: 'resumed' },
      { success: true, source: 'resumed' },
    ]);
    expect(second.backend.submissions).toBe(0);
  });

  it('keeps the order of a batch and settles all of it', async () => {
    // Which of them is sent first, the disk decides.
    const refuseB = async (context: JobContext, request: ImageRequest): Promise<JobHandle> => {
      if (request.prompt === 'b') throw fault({ kind: 'content-policy', outcome: 'rejected', retryable: false });
      return backend.handle(context.key);
    };
    const { client, backend } = start({ submit: [refuseB, refuseB, refuseB] });
    const results = await client.generateBatch(['a', 'b', 'c'].map((prompt) => ({ prompt, taskId: prompt })));
    expect(results.map(({ taskId }) => taskId)).toEqual(['a', 'b', 'c']);
    expect(results.map(({ success }) => success)).toEqual([true, false, true]);
  });

  it('streams with bounded memory: it draws only what can run', async () => {
    const { client } = start();
    let drawn = 0;
    function* tasks(): Generator<{ prompt: string; taskId: string }> {
      for (; drawn < 200; drawn += 1) yield { prompt: 'x', taskId: `t${drawn}` };
    }
    for await (const result of client.generateStream(tasks())) {
      expect(result.success).toBe(true);
      break;
    }
    expect(drawn).toBeLessThan(60);
  });

  it('fetches a deleted file again by its handle instead of paying twice', async () => {
    const first = start();
    const made = await first.client.generateOrThrow({ prompt: 'a cat', outputPath: 'cat.png' });
    await rm(join(outputDir, 'cat.png'));
    const again = await first.client.generateOrThrow({ prompt: 'a cat', outputPath: 'cat.png', taskId: made.taskId });
    expect(again.source).toBe('resumed');
    expect(first.backend.submissions).toBe(1);
    expect(first.backend.collections).toBe(2);
    expect((await readFile(join(outputDir, 'cat.png'))).byteLength).toBe(again.images[0].byteLength);
  });
});

it('an accepted job comes with how long the jobs before it took', async () => {
  const { client } = start({ jobMs: 5 });
  const typical: unknown[] = [];
  // More jobs could be polled too late on a busy machine, and then what was learned is forgotten.
  for (let index = 0; index < 2; index += 1) {
    await client.generate(
      { prompt: 'a cat', taskId: `cat-${index}` },
      {
        onProgress: (event) =>
          event.type === 'state' && event.state === 'accepted' && typical.push('typicalMs' in event && event.typicalMs),
      },
    );
  }
  expect(typical).toEqual([false, expect.any(Number)]);
  expect(typical[1]).toBeGreaterThan(0);
});
