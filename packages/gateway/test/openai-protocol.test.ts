import { paintPng } from '@holodeck/emulators';
import OpenAI, { APIError, toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Gateway } from '../src/index.ts';
import { startServices, startTestGateway, TemporaryFolders } from './support/gateway-fixture.ts';
import type { Services } from './support/gateway-fixture.ts';

const folders = new TemporaryFolders();
let services: Services;
let gateway: Gateway;
let client: OpenAI;

beforeAll(async () => {
  services = await startServices();
  gateway = await startTestGateway(services, await folders.make());
  client = new OpenAI({ apiKey: 'any', baseURL: `${gateway.url}/v1` });
});
afterAll(async () => {
  await gateway.close();
  await services.close();
  await folders.remove();
});

function picture(seed: number): Promise<File> {
  return toFile(paintPng({ prompt: `a stool ${seed}`, width: 256, height: 256, seed }), `${seed}.png`, {
    type: 'image/png',
  });
}

describe.each(['hunyuan', 'openai', 'comfyui'] as const)("OpenAI's own client over %s", (backend) => {
  test('makes images', async () => {
    const { data, response } = await client.images
      .generate({ model: backend, prompt: '一张木凳 a wooden stool', size: '1024x1024', n: 2 })
      .withResponse();
    expect(data.data).toHaveLength(2);
    const bytes = (data.data ?? []).map(({ b64_json: text = '' }) => Buffer.from(text, 'base64'));
    expect(bytes.map((one) => one.subarray(1, 4).toString())).toEqual(['PNG', 'PNG']);
    expect(bytes[0]?.equals(bytes[1] ?? Buffer.alloc(0))).toBe(false);
    expect(data).toMatchObject({ size: '1024x1024', output_format: 'png' });
    expect(response.headers.get('x-holodeck-job')).toMatch(/^job_[0-9a-f]{24}$/);
  });

  test('makes an image from two pictures', async () => {
    const before = services[backend].ledger.snapshot().accepted;
    const { data } = await client.images.edit({
      model: backend,
      image: [await picture(1), await picture(2)],
      prompt: 'the same stool in red',
    });
    expect(data).toHaveLength(1);
    expect(services[backend].ledger.snapshot().accepted).toBe(before + 1);
  });

  test('streams', async () => {
    const stream = await client.images.generate({
      model: backend,
      prompt: 'a lantern',
      stream: true,
      partial_images: 2,
    });
    const events = [];
    for await (const event of stream) events.push(event);
    const last = events.at(-1);
    expect(last?.type).toBe('image_generation.completed');
    expect(
      Buffer.from(last?.b64_json ?? '', 'base64')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    if (backend === 'openai') expect(events.some(({ type }) => type === 'image_generation.partial_image')).toBe(true);
  });
});

test('the usage of an answer is that of all its images', async () => {
  const made = (n: number): Promise<OpenAI.ImagesResponse> =>
    client.images.generate({ model: 'openai', prompt: 'a kettle', n });
  const [one, three] = [await made(1), await made(3)];
  expect(one.usage?.output_tokens).toBeGreaterThan(0);
  expect(three.usage).toMatchObject({
    input_tokens: 3 * (one.usage?.input_tokens ?? 0),
    output_tokens: 3 * (one.usage?.output_tokens ?? 0),
    total_tokens: 3 * (one.usage?.total_tokens ?? 0),
  });
  const stream = await client.images.generate({ model: 'openai', prompt: 'a kettle', n: 3, stream: true });
  let streamed = 0;
  for await (const event of stream)
    if (event.type === 'image_generation.completed') streamed += event.usage.output_tokens;
  expect(streamed).toBe(three.usage?.output_tokens);
});

test('auto takes the first available backend', async () => {
  const before = services.hunyuan.ledger.snapshot().accepted;
  const { data } = await client.images.generate({ prompt: '雨夜的面馆', model: 'auto' });
  expect(data).toHaveLength(1);
  expect(services.hunyuan.ledger.snapshot().accepted).toBe(before + 1);
});

test('lists models, and takes the model of a backend by its name', async () => {
  const models = (await client.models.list()).data.map(({ id }) => id);
  expect(models).toEqual(expect.arrayContaining(['auto', 'hunyuan', 'openai', 'openai:gpt-image-2', 'comfyui']));
  const before = services.openai.ledger.snapshot().accepted;
  await client.images.generate({ prompt: 'a bowl', model: 'gpt-image-2', quality: 'low' });
  expect(services.openai.ledger.snapshot().accepted).toBe(before + 1);
});

test('gives addresses of images where they are asked for', async () => {
  const { data } = await client.images.generate({ prompt: 'a cup', model: 'openai', response_format: 'url' });
  const answer = await fetch(data?.[0]?.url ?? '');
  expect(answer.headers.get('content-type')).toBe('image/png');
  expect(
    Buffer.from(await answer.arrayBuffer())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
});

test.each([
  ['an unknown model', { model: 'dall-e-9', prompt: 'x' }, 404, 'model_not_found'],
  [
    'an option that the backend does not have',
    { model: 'hunyuan', prompt: 'x', quality: 'high' as const },
    400,
    'quality',
  ],
  ['no prompt', { model: 'openai', prompt: '' }, 400, 'prompt'],
  ['too many images', { model: 'openai', prompt: 'x', n: 11 }, 400, 'n'],
])('refuses %s before anything is sent', async (_name, request, status, word) => {
  const before = (['hunyuan', 'openai'] as const).map((name) => services[name].ledger.snapshot().submissions);
  const error = await client.images.generate(request).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(APIError);
  expect(error).toMatchObject({ status });
  expect(JSON.stringify((error as APIError).error)).toContain(word);
  expect((['hunyuan', 'openai'] as const).map((name) => services[name].ledger.snapshot().submissions)).toEqual(before);
});

test('an edit whose form is broken is refused as such', async () => {
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  const answer = await fetch(`${gateway.url}/v1/images/edits`, { method: 'POST', headers, body: 'not a form' });
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: 'invalid-request' } }]);
});

test('a refusal of the service says where the money stands', async () => {
  services.openai.setFaults([{ kind: 'refuse', operation: 'generate', code: 'moderation_blocked' }]);
  const error = await client.images
    .generate({ model: 'openai', prompt: 'something refused' })
    .catch((thrown: unknown) => thrown);
  services.openai.setFaults([]);
  expect(error).toMatchObject({ status: 400, error: { kind: 'content-policy', outcome: 'rejected' } });
});

test('the document describes every route', async () => {
  const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { openapi: string; paths: object };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/v1/images/generations', '/v1/images/edits', '/v1/jobs/{id}', '/v1/scenes/{id}/cards']),
  );
  expect(await (await fetch(`${gateway.url}/docs`)).text()).toContain('/v1/images/generations');
});
