import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageClient } from '@holodeck/core';
import type { GenerationResult, GenerationTask, ImageClientOptions } from '@holodeck/core';
import { openStoreForFolder } from '@holodeck/core/stores';
import type { TaskRow } from '@holodeck/core/stores';
import { ManualClock, paintPng, startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createOpenAIBackend } from '../src/index.ts';
import type { OpenAIBackendOptions } from '../src/index.ts';

let emulator: OpenAIEmulator;
const fast = { batchMs: 50, batchPollAfterMs: 5, imageMs: 0 } as const;
const calm = { batchLifeMs: 86_400_000, listLagMs: 0, enqueuedTokens: undefined } as const;

beforeAll(async () => {
  emulator = await startOpenAIEmulator(fast);
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.reset();
  emulator.set({ ...fast, ...calm });
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'holodeck-openai-batch-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

function openClient(
  outputDir: string,
  options: ImageClientOptions = {},
  changes: OpenAIBackendOptions = {},
): ImageClient {
  const backend = createOpenAIBackend({
    apiKey: emulator.apiKey,
    baseURL: emulator.baseURL,
    delivery: 'batch',
    batchGatherMs: 30,
    batchListLagMs: 200,
    ...changes,
  });
  const client = new ImageClient(backend, { outputDir, retryBaseMs: 5, retryMaxMs: 20, ...options });
  onTestFinished(() => client.close());
  return client;
}

const lamps = (count: number, more: Partial<GenerationTask> = {}): GenerationTask[] =>
  Array.from({ length: count }, (_, index) => ({
    taskId: `lamp-${index}`,
    prompt: `lamp number ${index}`,
    outputPath: `lamp-${index}.png`,
    providerOptions: { openai: { quality: 'low' } },
    ...more,
  }));

async function rowsOf(outputDir: string): Promise<TaskRow[]> {
  const store = await openStoreForFolder(outputDir);
  const rows: TaskRow[] = [];
  for await (const row of store.tasks.list()) rows.push(row);
  await store.close();
  return rows;
}

const succeeded = (results: readonly GenerationResult[]): number => results.filter(({ success }) => success).length;

/** No input file became two batches. */
function expectOneBatchForEachFile(): void {
  const files = emulator.batches.map(({ inputFileId }) => inputFileId);
  expect(new Set(files).size).toBe(files.length);
}

describe('delivery "batch"', () => {
  it('gathers tasks into one batch at half the price, and leaves no input file behind', async () => {
    const client = openClient(await folder());
    const results = await client.generateBatch(lamps(5));
    expect(succeeded(results)).toBe(5);
    expect(emulator.batches).toHaveLength(1);
    expect(emulator.ledger).toMatchObject({ accepted: 5, billed: 5, delivered: 5 });
    expect(emulator.files.map(({ purpose }) => purpose)).toEqual(['batch_output']);
    const jobs = new Set(results.map(({ jobId }) => jobId?.split('/')[0]));
    expect([...jobs]).toEqual([emulator.batches[0]?.id]);
    // 196 tokens of the picture and a few of the prompt, at 30 and 8 USD for a million, halved.
    for (const { cost } of results) expect(cost?.amount).toBeCloseTo(0.003, 3);
    expect(client.stats().spending.amounts[0]?.amount).toBeCloseTo(5 * 0.003, 2);
    const names = emulator.batches[0]?.lines.map(({ customId }) => customId) ?? [];
    const rows = await rowsOf(client.outputDir ?? '');
    expect(names.toSorted()).toEqual(rows.map(({ key }) => key).toSorted());
  });

  it('reads images from the line of each task, whatever their order', async () => {
    const client = openClient(await folder());
    const results = await client.generateBatch(lamps(8));
    const { lines } = emulator.batches[0] ?? { lines: [] };
    const rows = await rowsOf(client.outputDir ?? '');
    expect(lines.map(({ customId }) => customId)).not.toEqual(rows.map(({ key }) => key));
    expect(new Set(results.map((result) => (result.success ? result.images[0].sha256 : ''))).size).toBe(8);
  });

  it('uploads a reference once, also for another process, and edits by its id', async () => {
    const picture = paintPng({ width: 64, height: 64, prompt: 'x', seed: 1 });
    const references = [{ bytes: picture, role: 'style' as const }];
    for (const run of [1, 2]) {
      const client = openClient(await folder());
      expect(succeeded(await client.generateBatch(lamps(2, { references })))).toBe(2);
      expect(emulator.files.filter(({ purpose }) => purpose === 'vision')).toHaveLength(1);
      expect(emulator.batches).toHaveLength(run);
    }
    expect(emulator.batches[0]?.endpoint).toBe('/v1/images/edits');
    expect(emulator.batches[0]?.lines[0]?.references[0]?.byteLength).toBe(picture.length);
    expect(emulator.files.find(({ purpose }) => purpose === 'vision')?.expiresAtMs).toBeGreaterThan(Date.now());
  });

  it('finds a batch again whose answer was lost, and never creates a second one', async () => {
    emulator.setFaults([{ kind: 'reset-after-accept', operation: 'create-batch', times: 1 }]);
    emulator.set({ listLagMs: 100 });
    const client = openClient(await folder(), {}, { batchListLagMs: 5000 });
    expect(succeeded(await client.generateBatch(lamps(3)))).toBe(3);
    expect(emulator.batches).toHaveLength(1);
    expect(emulator.ledger.billed).toBe(3);
  });

  it('finds it where the clock of the service is an hour behind', async () => {
    const clock = new ManualClock(Date.now() - 3_600_000);
    const slow = await startOpenAIEmulator({ clock, imageMs: 0, batchMs: 0 });
    onTestFinished(() => slow.close());
    slow.setFaults([{ kind: 'reset-after-accept', operation: 'create-batch', times: 1 }]);
    const client = openClient(await folder(), {}, { apiKey: slow.apiKey, baseURL: slow.baseURL });
    expect(succeeded(await client.generateBatch(lamps(2)))).toBe(2);
    expect(slow.batches).toHaveLength(1);
  });

  it('calls nothing absent where the list of batches is the same page without end', async () => {
    const body = JSON.stringify({ data: [{ id: 'batch_foreign' }], has_more: true });
    emulator.setFaults([
      { kind: 'reset-after-accept', operation: 'create-batch', times: 1 },
      { kind: 'wrong-content', operation: 'list-batches', body },
    ]);
    const outputDir = await folder();
    const [task] = lamps(1) as [GenerationTask];
    expect(await openClient(outputDir).generate(task)).toMatchObject({ error: { outcome: 'unknown' } });
    emulator.setFaults([]);
    expect(await openClient(outputDir).generate(task)).toMatchObject({ success: true, source: 'resumed' });
    expect(emulator.ledger).toMatchObject({ accepted: 1, billed: 1 });
  });

  it('sends again what did not arrive, and continues with a file whose answer was lost', async () => {
    emulator.setFaults([
      { kind: 'reset-before-accept', operation: 'create-batch', times: 1 },
      { kind: 'reset-after-accept', operation: 'upload', times: 1 },
    ]);
    const client = openClient(await folder());
    expect(succeeded(await client.generateBatch(lamps(2)))).toBe(2);
    expectOneBatchForEachFile();
    expect(emulator.ledger.billed).toBe(2);
    // The file of the absent batch was removed with the others.
    expect(emulator.files.filter(({ purpose }) => purpose === 'batch')).toEqual([]);
  });

  it('starts a broken download over and skips what is done', async () => {
    emulator.setFaults([{ kind: 'truncate', operation: 'content', afterBytes: 60_000, times: 2 }]);
    const client = openClient(await folder());
    expect(succeeded(await client.generateBatch(lamps(6)))).toBe(6);
    expect(emulator.ledger.billed).toBe(6);
  });

  it('pays for no second picture where a proxy cuts the file short in the middle of one', async () => {
    const outputDir = await folder();
    const [task] = lamps(1) as [GenerationTask];
    const leave = new AbortController();
    await openClient(outputDir).generate(task, {
      signal: leave.signal,
      onProgress: (event) => event.type === 'state' && event.state === 'accepted' && leave.abort(),
    });
    const [row] = await rowsOf(outputDir);
    const picture = paintPng({ width: 64, height: 64, prompt: 'a lamp', seed: 1 }).toString('base64').slice(0, 400);
    const line = `{"custom_id":"${row?.key}","response":{"status_code":200,"body":{"data":[{"b64_json":"${picture}`;
    emulator.setFaults([{ kind: 'wrong-content', operation: 'content', body: line, times: 4 }]);
    expect(await openClient(outputDir).generate(task)).toMatchObject({ success: true, source: 'resumed' });
    expect(emulator.ledger).toMatchObject({ accepted: 1, billed: 1 });
  });

  it.each([
    ['the batch', 'batch', { kind: 'refuse', code: 'model_not_found' }],
    ['the batch, as a page says,', 'batch', { kind: 'http-status', status: 404 }],
    ['its file', 'content', { kind: 'refuse', code: 'model_not_found' }],
    ['its file, as a page says,', 'content', { kind: 'http-status', status: 404 }],
  ] as const)('asks again where %s is not found for a while', async (_, operation, fault) => {
    emulator.setFaults([{ ...fault, operation, times: 3 }]);
    const client = openClient(await folder(), {}, { batchListLagMs: 3_600_000 });
    expect(succeeded(await client.generateBatch(lamps(2)))).toBe(2);
    expect(emulator.ledger).toMatchObject({ accepted: 2, billed: 2 });
  });

  it('gives up a batch that the service does not find any more', async () => {
    emulator.setFaults([{ kind: 'refuse', code: 'model_not_found', operation: 'batch' }]);
    const client = openClient(await folder(), {}, { batchListLagMs: 50 });
    const [task] = lamps(1) as [GenerationTask];
    expect(await client.generate(task)).toMatchObject({ error: { outcome: 'lost' }, paidAttempts: 1 });
  });

  it('leaves no input file of a batch that was refused', async () => {
    emulator.setFaults([{ kind: 'refuse', code: 'insufficient_quota', operation: 'create-batch' }]);
    const client = openClient(await folder());
    const [task] = lamps(1) as [GenerationTask];
    expect(await client.generate(task)).toMatchObject({ error: { kind: 'quota', outcome: 'rejected' } });
    expect(emulator.files).toEqual([]);
  });

  it.each([
    ['expired', 'batch_expired', null, 'unpaid'],
    ['cancelled', 'batch_cancelled', null, 'unpaid'],
    // Its images were in a file that is gone.
    ['cancelled', undefined, 1, 'lost'],
    ['completed', undefined, null, 'lost'],
  ] as const)('knows what a batch that has %s without a file owes', async (status, code, completed, money) => {
    const batch = { id: 'batch_1', status, output_file_id: null, error_file_id: null, request_counts: { completed } };
    emulator.setFaults([{ kind: 'wrong-content', operation: 'batch', body: JSON.stringify(batch) }]);
    const client = openClient(await folder());
    const [task] = lamps(1) as [GenerationTask];
    const result = await client.generate(task);
    const isUnpaid = money === 'unpaid';
    expect(result).toMatchObject({ error: { outcome: isUnpaid ? 'failed' : 'lost' }, paidAttempts: isUnpaid ? 0 : 1 });
    expect(result.success ? undefined : result.error.code).toBe(code);
    expect(client.stats().spending.submissions).toBe(isUnpaid ? 0 : 1);
  });

  it('tells the outcomes of lines apart, and charges for what was made', async () => {
    emulator.setFaults([{ kind: 'empty-list', operation: 'line', match: 'number 2' }]);
    const client = openClient(await folder());
    const tasks = lamps(3);
    const illegal = { ...tasks[1], prompt: '__illegal__' } as GenerationTask;
    const results = await client.generateBatch([tasks[0], illegal, tasks[2]] as GenerationTask[]);
    const ends = results.map((result) => (result.success ? 'done' : `${result.error.kind} ${result.error.outcome}`));
    expect(ends).toEqual(['done', 'content-policy failed', 'bad-response lost']);
  });

  it('tries a line again that the service failed', async () => {
    emulator.setFaults([{ kind: 'fail-job', operation: 'line', times: 1 }]);
    const client = openClient(await folder());
    expect(succeeded(await client.generateBatch(lamps(2)))).toBe(2);
    expect(emulator.batches).toHaveLength(2);
  });

  it('sends a line again that was refused for load, and counts only what was made', async () => {
    emulator.setFaults([{ kind: 'refuse', code: 'rate_limit_exceeded', operation: 'line', times: 1 }]);
    const client = openClient(await folder());
    const results = await client.generateBatch(lamps(2));
    expect(succeeded(results)).toBe(2);
    expect(results.map(({ paidAttempts }) => paidAttempts)).toEqual([1, 1]);
    expect(client.stats().spending.submissions).toBe(2);
  });

  it('counts lines that an expired batch did not reach as unpaid', async () => {
    emulator.set({ batchMs: 1000, batchLifeMs: 500 });
    const outputDir = await folder();
    const client = openClient(outputDir);
    const results = await client.generateBatch(lamps(10));
    const done = succeeded(results);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(10);
    expect(emulator.ledger.billed).toBe(done);
    for (const result of results) {
      if (result.success) continue;
      expect(result).toMatchObject({ paidAttempts: 0, error: { code: 'batch_expired', unpaid: true } });
    }
    expect(client.stats().spending.submissions).toBe(done);
    expect((await rowsOf(outputDir)).filter(({ state }) => state === 'rejected')).toHaveLength(10 - done);
    emulator.set({ ...fast, ...calm });
    expect(succeeded(await client.generateBatch(lamps(10)))).toBe(10);
    expect(emulator.ledger.billed).toBe(10);
  });

  it('names the line that validation refuses, unpaid', async () => {
    const client = openClient(await folder());
    const [task] = lamps(1, { providerOptions: { openai: { extraBody: { background: 'striped' } } } });
    const result = await client.generate(task as GenerationTask);
    expect(result).toMatchObject({ success: false, error: { kind: 'invalid-request', outcome: 'failed' } });
    expect(result.paidAttempts).toBe(0);
    expect(client.stats().spending.submissions).toBe(0);
    expect(emulator.ledger.billed).toBe(0);
  });

  it('leaves the batch when it is stopped, and another process fetches it, directly set or not', async () => {
    emulator.set({ batchMs: 3_600_000 });
    const outputDir = await folder();
    const client = openClient(outputDir);
    const stop = new AbortController();
    const accepted = Promise.withResolvers<void>();
    let count = 0;
    const running = client.generateBatch(lamps(4), {
      signal: stop.signal,
      onProgress: (event) => {
        if (event.type === 'state' && event.state === 'accepted' && (count += 1) === 4) accepted.resolve();
      },
    });
    await accepted.promise;
    stop.abort();
    for (const result of await running) expect(result).toMatchObject({ error: { outcome: 'accepted' } });
    await client.close();
    expect((await rowsOf(outputDir)).map(({ state }) => state)).toEqual(Array(4).fill('accepted'));
    emulator.endBatches();
    const other = openClient(outputDir, {}, { delivery: 'direct' });
    const results: GenerationResult[] = [];
    for await (const result of other.resume()) results.push(result);
    expect(succeeded(results)).toBe(4);
    for (const { cost } of results) expect(cost?.amount).toBeCloseTo(0.003, 3);
    expect(emulator.batches).toHaveLength(1);
    expect((await readFile(join(outputDir, 'lamp-0.png'))).length).toBeGreaterThan(0);
  });

  it('waits while too much is enqueued, and sends smaller batches', async () => {
    const prompt = 'a lamp '.repeat(30);
    emulator.set({ enqueuedTokens: 150 });
    const impatient = {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      sleep: (ms: number, signal?: AbortSignal) =>
        import('node:timers/promises').then(({ setTimeout }) =>
          setTimeout(ms > 60_000 ? ms : Math.min(ms, 20), undefined, signal === undefined ? {} : { signal }),
        ),
    };
    const client = openClient(await folder(), { timeoutMs: 3_600_000, internal: { clock: impatient } } as never);
    expect(succeeded(await client.generateBatch(lamps(4, { prompt })))).toBe(4);
    expect(emulator.ledger.billed).toBe(4);
    expectOneBatchForEachFile();
  });

  it('sends nothing when it is stopped while it gathers', async () => {
    const client = openClient(await folder(), {}, { batchGatherMs: 3_600_000 });
    const stop = new AbortController();
    const running = client.generateBatch(lamps(2), { signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    for (const result of await running) expect(result).toMatchObject({ error: { outcome: 'not-submitted' } });
    expect(emulator.requests).toEqual([]);
  });

  it('refuses what a batch does not take, and servers without batches', async () => {
    const client = openClient(await folder());
    const [task] = lamps(1, { providerOptions: { openai: { partialImages: 2 } } });
    expect(await client.generate(task as GenerationTask)).toMatchObject({ error: { outcome: 'not-submitted' } });
    expect(() => createOpenAIBackend({ delivery: 'batch', profile: 'compatible', baseURL: emulator.baseURL })).toThrow(
      /has no batches/,
    );
    expect(() => createOpenAIBackend({ delivery: 'soon' as 'batch', apiKey: emulator.apiKey })).toThrow(
      /direct, batch/,
    );
  });
});
