import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectImage } from '@holodeck/core/backend';
import { startOpenAIEmulator } from '@holodeck/emulators';
import { expect, it, onTestFinished } from 'vitest';
import { createOpenAIClient } from '../src/index.ts';
import type { OpenAIClientOptions } from '../src/index.ts';
import { temporaryFolder, testKey } from './support.ts';

async function start(options: Parameters<typeof startOpenAIEmulator>[0] = {}) {
  const emulator = await startOpenAIEmulator({ imageMs: 0, apiKey: testKey, ...options });
  onTestFinished(() => emulator.close());
  const client = (more: OpenAIClientOptions = {}) => {
    const created = createOpenAIClient({ apiKey: testKey, baseURL: emulator.baseURL, ...more });
    onTestFinished(() => created.close());
    return created;
  };
  return { emulator, client };
}

it('writes files, and sends nothing for a task that is done', async () => {
  const { emulator, client } = await start();
  const outputDir = await temporaryFolder();
  const task = { prompt: '雨夜的面馆', outputPath: 'bar.png', count: 2 };
  const first = await client({ outputDir }).generate(task);
  expect(first).toMatchObject({ success: true, backend: 'openai', model: 'gpt-image-2', paidAttempts: 1 });
  const paths = first.success ? first.images.map(({ path }) => path) : [];
  expect(paths).toEqual([join(outputDir, 'bar.png'), join(outputDir, 'bar-2.png')]);
  for (const path of paths) expect(inspectImage(await readFile(String(path)))?.complete).toBe(true);
  expect(await client({ outputDir }).generate(task)).toMatchObject({ success: true });
  expect(emulator.ledger).toMatchObject({ submissions: 1, billed: 2 });
});

it('retries a rate refusal after Retry-After, and never a refusal for money', async () => {
  const { emulator, client } = await start({
    faults: [{ kind: 'refuse', code: 'rate_limit_exceeded', headers: { 'retry-after': '0' }, times: 2 }],
  });
  expect(await client().generate({ prompt: 'x' })).toMatchObject({ success: true });
  expect(emulator.ledger).toMatchObject({ submissions: 3, accepted: 1 });
  emulator.reset();
  emulator.set({ credit: 1 });
  const results = await client({ maxConcurrent: 1 }).generateBatch([{ prompt: 'a' }, { prompt: 'b' }]);
  expect(results.map((result) => (result.success ? 'image' : result.error.kind))).toEqual(['image', 'quota']);
  expect(emulator.ledger).toMatchObject({ submissions: 2, billed: 1 });
});

it.each([
  ['wrong-content', 'lost'],
  ['empty-list', 'lost'],
  ['truncate', 'lost'],
  ['reset-after-accept', 'unknown'],
] as const)('%s is called once and ends %s', async (kind, outcome) => {
  const { emulator, client } = await start({ faults: [{ kind }] });
  const result = await client({ outputDir: await temporaryFolder() }).generate({ prompt: 'x' });
  expect(result).toMatchObject({ success: false, error: { outcome } });
  expect(emulator.ledger.submissions).toBe(1);
});

it('keeps at most four requests in flight', async () => {
  const { emulator, client } = await start({ imageMs: 10 });
  const results = await client().generateBatch(Array.from({ length: 12 }, (_, index) => ({ prompt: `task ${index}` })));
  expect(results.every(({ success }) => success)).toBe(true);
  expect(emulator.ledger.maxConcurrent).toBeLessThanOrEqual(4);
  expect(emulator.ledger.billed).toBe(12);
});

it('reads the environment, and never sends its key to another server', async () => {
  const { emulator } = await start();
  const names = ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_IMAGE_MODEL', 'OPENAI_CUSTOM_HEADERS', 'OPENAI_ORG_ID'];
  const before = names.map((name) => process.env[name]);
  onTestFinished(() => {
    for (const [index, name] of names.entries()) {
      if (before[index] === undefined) delete process.env[name];
      else process.env[name] = before[index];
    }
  });
  process.env['OPENAI_API_KEY'] = testKey;
  process.env['OPENAI_BASE_URL'] = emulator.baseURL;
  process.env['OPENAI_IMAGE_MODEL'] = 'gpt-image-1.5';
  process.env['OPENAI_CUSTOM_HEADERS'] = 'x-foreign: 1\nauthorization: Bearer other';
  process.env['OPENAI_ORG_ID'] = 'org-foreign';
  const client = createOpenAIClient();
  onTestFinished(() => client.close());
  expect(await client.generate({ prompt: 'x' })).toMatchObject({ success: true, model: 'gpt-image-1.5' });
  expect(emulator.requests[0]?.headers).not.toHaveProperty('x-foreign');
  expect(emulator.requests[0]?.headers).not.toHaveProperty('openai-organization');
  expect(() => createOpenAIClient({ baseURL: 'https://third-party.example/v1' })).toThrow(/no OpenAI API key/);
});

it("leaves the memory of an injected fetch's answer alone", async () => {
  const { client } = await start({ imageBytes: 400_000 });
  let answer = new Uint8Array();
  const fetch: typeof globalThis.fetch = async (input, init) => {
    answer = new Uint8Array(await (await globalThis.fetch(input, init)).arrayBuffer());
    return new Response(ReadableStream.from([answer]), { headers: { 'content-type': 'application/json' } });
  };
  const result = await client({ network: { fetch }, outputDir: await temporaryFolder() }).generate({ prompt: 'x' });
  expect(result).toMatchObject({ success: true });
  expect(answer.byteLength).toBeGreaterThan(400_000);
});
