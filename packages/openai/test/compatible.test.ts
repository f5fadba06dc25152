import { paintPng, startOpenAIEmulator } from '@holodeck/emulators';
import { expect, it, onTestFinished } from 'vitest';
import { createOpenAIBackend } from '../src/index.ts';
import type { OpenAIBackend } from '../src/index.ts';
import { errorOf, inspected, rawServer, reference, request, temporaryFolder, testContext, testKey } from './support.ts';

const png = paintPng({ width: 48, height: 32, prompt: 'x', seed: 1 });

async function collected(backend: OpenAIBackend, fields: Parameters<typeof request>[0] = {}) {
  const context = testContext(backend, { spoolDirectory: await temporaryFolder() });
  const result = await backend.collect(await backend.submit(request(fields), context), context);
  return { context, result };
}

async function start(options: Parameters<typeof startOpenAIEmulator>[0]) {
  const emulator = await startOpenAIEmulator({ imageMs: 0, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

it('sends little to a compatible server and fetches the addresses that it returns without the key', async () => {
  const emulator = await start({ server: 'compatible', apiKey: testKey });
  for (const relativeUrls of [false, true]) {
    emulator.set({ relativeUrls });
    const backend = createOpenAIBackend({
      apiKey: testKey,
      baseURL: emulator.baseURL,
      profile: 'compatible',
      model: 'flux',
    });
    const { context, result } = await collected(backend, { count: 2 });
    expect(result.images).toEqual([
      { index: 0, revisedPrompt: 'A noodle bar on a rainy night' },
      { index: 1, revisedPrompt: 'A noodle bar on a rainy night' },
    ]);
    expect(inspected(context, 1)?.complete).toBe(true);
    expect(result.usage).toEqual({ inputTokens: 0, outputTokens: 0, totalTokens: 0 });
  }
  const [first] = emulator.requests;
  expect(first?.parameters).toEqual({
    model: 'flux',
    prompt: 'A noodle bar on a rainy night',
    n: 2,
    size: '1024x1024',
  });
  const downloads = emulator.requests.filter(({ path }) => path.startsWith('/generated-images/'));
  expect(downloads).toHaveLength(4);
  expect(downloads.every(({ hasKey }) => !hasKey)).toBe(true);
});

it('reports an expired address as lost, and a fault of the server as retryable', async () => {
  const emulator = await start({ server: 'compatible', apiKey: null });
  const backend = createOpenAIBackend({ baseURL: emulator.baseURL, profile: 'compatible' });
  const context = testContext(backend);
  const handle = await backend.submit(request(), context);
  emulator.setFaults([{ operation: 'download', script: [{ kind: 'http-status', status: 502 }] }]);
  expect(await errorOf(backend.collect(handle, context))).toMatchObject({ outcome: 'accepted', retryable: true });
  await backend.collect(handle, context);
  expect(inspected(context)?.complete).toBe(true);
  emulator.setFaults([{ operation: 'download', kind: 'expire-url' }]);
  expect(await errorOf(backend.collect(handle, context))).toMatchObject({ kind: 'job-failed', outcome: 'lost' });
  expect(emulator.ledger.submissions).toBe(1);
});

it.each([403, 404])('keeps an image whose address is answered by a page with %i', async (status) => {
  const { baseURL } = await rawServer((incoming, response) => {
    if (incoming.method === 'POST') response.writeHead(200).end(JSON.stringify({ data: [{ url: '/v1/a.png' }] }));
    else response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  });
  const error = await errorOf(collected(createOpenAIBackend({ baseURL, profile: 'compatible' })));
  expect(error).toMatchObject({ outcome: 'accepted', retryable: true });
});

it('sends the key to an address on the same server only after a refusal', async () => {
  const keys: (string | undefined)[] = [];
  const { baseURL } = await rawServer((incoming, response) => {
    if (incoming.method === 'POST') {
      response.writeHead(200).end(JSON.stringify({ created: 1, data: [{ url: '/v1/images/7.png' }] }));
      return;
    }
    keys.push(incoming.headers.authorization);
    if (incoming.headers.authorization === undefined) response.writeHead(401).end();
    else response.writeHead(200).end(png);
  });
  const backend = createOpenAIBackend({ apiKey: testKey, baseURL, profile: 'compatible' });
  const { context } = await collected(backend);
  expect(inspected(context)?.width).toBe(48);
  expect(keys).toEqual([undefined, `Bearer ${testKey}`]);
});

it.each([
  ['a data URI in b64_json', { data: [{ b64_json: `data:image/png;base64,${png.toString('base64')}` }] }],
  ['a data URI in url', { data: [{ url: `data:image/png;base64,${png.toString('base64')}` }] }],
  ['`images` for `data`', { images: [{ b64_json: png.toString('base64') }] }],
  [
    'an item with an error beside a good one',
    { data: [{ error: { code: 'x' } }, { b64_json: png.toString('base64') }] },
  ],
])('reads %s', async (_name, body) => {
  const { baseURL } = await rawServer((_incoming, response) => response.writeHead(200).end(JSON.stringify(body)));
  const { context, result } = await collected(createOpenAIBackend({ baseURL, profile: 'compatible' }));
  expect(inspected(context, result.images[0]?.index)?.sha256).toBeDefined();
  expect(result.images).toHaveLength(1);
});

it('reads a bare picture, and base64 with escapes', async () => {
  const answers = [
    png,
    `{"data":[{"b64_json" : "${png
      .toString('base64')
      .replaceAll('/', String.raw`\/`)
      .replaceAll('=', String.raw`\u003d`)}"}]}`,
  ];
  for (const answer of answers) {
    const { baseURL } = await rawServer((_incoming, response) => response.writeHead(200).end(answer));
    const { context } = await collected(createOpenAIBackend({ baseURL, profile: 'compatible' }));
    expect(inspected(context)?.complete).toBe(true);
  }
});

it.each([
  [{ data: [{ url: 'file:///etc/passwd' }] }, 'lost'],
  [{ data: [{ url: '' }] }, 'lost'],
  [{ data: [{ respect_moderation: false }] }, 'rejected'],
  [{ data: [{ respect_moderation: false, url: '' }] }, 'rejected'],
  [{ data: [{ error: { code: 'OutputImageSensitiveContentDetected', message: 'no' } }] }, 'failed'],
])('finds no image in %j', async (body, outcome) => {
  const { baseURL } = await rawServer((_incoming, response) => response.writeHead(200).end(JSON.stringify(body)));
  expect(await errorOf(collected(createOpenAIBackend({ baseURL, profile: 'compatible' })))).toMatchObject({ outcome });
});

const arkRefusal = (code: string): object => ({ error: { code, message: 'no', type: 'BadRequest' } });

it.each([
  [400, { detail: 'bad size' }, 'invalid-request', 'rejected'],
  [400, arkRefusal('InputTextSensitiveContentDetected.PolicyViolation'), 'content-policy', 'rejected'],
  [400, arkRefusal('OutputImageSensitiveContentDetected.PolicyViolation'), 'content-policy', 'failed'],
  [422, { detail: [{ loc: ['size'], msg: 'x' }] }, 'invalid-request', 'rejected'],
  [500, { error: 'generate failed' }, 'job-failed', 'failed'],
  [500, { error: 'server_error', message: 'out of memory' }, 'job-failed', 'failed'],
  [402, { message: 'no credit' }, 'quota', 'rejected'],
  [402, {}, 'unavailable', 'unknown'],
  [403, { code: 30_001, message: 'balance is insufficient' }, 'quota', 'rejected'],
  [403, { error: { code: 403, message: 'no', metadata: { reasons: ['violence'] } } }, 'content-policy', 'rejected'],
])('reads a refusal %i %j', async (status, body, kind, outcome) => {
  const { baseURL } = await rawServer((_incoming, response) => response.writeHead(status).end(JSON.stringify(body)));
  expect(await errorOf(collected(createOpenAIBackend({ baseURL, profile: 'compatible' })))).toMatchObject({
    kind,
    outcome,
  });
});

it('works with sd-server: seed and negative prompt in the prompt, edits, no key', async () => {
  const emulator = await start({ server: 'sdcpp' });
  const backend = createOpenAIBackend({ baseURL: emulator.baseURL, profile: 'sdcpp' });
  expect(backend.capabilities).toMatchObject({ billable: false, seed: { min: 0 } });
  const fields = { seed: 7, negativePrompt: 'blur </sd_cpp_extra_args>', providerOptions: { extraBody: { steps: 4 } } };
  const first = await collected(backend, { ...fields, size: { width: 300, height: 200 } });
  const second = await collected(backend, { ...fields, size: { width: 300, height: 200 } });
  expect(inspected(first.context)).toMatchObject({ width: 300, height: 200 });
  expect(inspected(first.context)?.sha256).toBe(inspected(second.context)?.sha256);
  const prompt = String(emulator.requests[0]?.parameters?.['prompt']);
  const tag = /<sd_cpp_extra_args>(.*?)<\/sd_cpp_extra_args>$/.exec(prompt)?.[1] ?? '';
  expect(JSON.parse(tag)).toEqual({ seed: 7, negative_prompt: fields.negativePrompt, steps: 4 });
  expect(emulator.requests[0]).toMatchObject({ hasKey: false });
  await collected(backend, { references: [reference(png, 'init'), reference(png)] });
  expect(emulator.requests.at(-1)?.pictures?.map(({ field }) => field)).toEqual(['image[]', 'image[]']);
});
