import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, paintPng, startOpenAIEmulator } from '../src/index.ts';
import type { OpenAIEmulator } from '../src/index.ts';

const clock = new ManualClock();
let emulator: OpenAIEmulator;
beforeAll(async () => {
  emulator = await startOpenAIEmulator({ imageMs: 0, clock });
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.reset();
  emulator.set({
    server: 'openai',
    verified: true,
    mayListModels: true,
    transparentPreview: true,
    imagesPerMinute: 'off',
    variationsStatus: 404,
  });
});

const key = (): Record<string, string> => ({ authorization: `Bearer ${emulator.apiKey}` });

/** What the tests look at in a JSON answer. */
interface AnswerBody {
  readonly data: readonly { readonly b64_json: string; readonly url: string }[];
  readonly error: { readonly code: string; readonly type: string };
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly total_tokens: number;
    readonly input_tokens_details: { readonly image_tokens: number };
  };
  readonly output_format: string;
}

interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty where the body is no JSON. */
  readonly json: AnswerBody;
}

async function call(path: string, init: RequestInit = {}): Promise<Called> {
  const response = await fetch(emulator.baseURL + path, {
    ...init,
    headers: { ...key(), ...(init.headers as Record<string, string> | undefined) },
  });
  const text = await response.text();
  const isJson = text.startsWith('{');
  const json = JSON.parse(isJson ? text : '{}') as AnswerBody;
  return { status: response.status, headers: response.headers, text, json };
}

const pictureOf = (json: AnswerBody, index = 0): Buffer => Buffer.from(json.data[index]?.b64_json ?? '', 'base64');

const generate = (body: object): ReturnType<typeof call> =>
  call('/images/generations', {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ model: 'gpt-image-2', prompt: 'a lamp', ...body }),
  });

const png = (width = 64, bytes = 0): Buffer =>
  paintPng({ width, height: 64, prompt: 'x', seed: 1, transparent: true, ...(bytes === 0 ? {} : { bytes }) });

type Field = readonly [name: string, content: string | Buffer, type?: string];

function edit(fields: readonly Field[], model = 'gpt-image-2'): ReturnType<typeof call> {
  const form = new FormData();
  form.append('model', model);
  for (const [name, content, type = 'image/png'] of fields) {
    if (typeof content === 'string') form.append(name, content);
    else form.append(name, new Blob([new Uint8Array(content)], { type }), 'p.png');
  }
  return call('/images/edits', { method: 'POST', body: form });
}

describe('generations', () => {
  it('answers as the service does', async () => {
    const { status, headers, json } = await generate({ size: '1536x864', n: 2, quality: 'high' });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('x-request-id')).toMatch(/^req_/);
    expect(json).toMatchObject({ size: '1536x864', quality: 'high', background: 'opaque', output_format: 'png' });
    expect(json.data).toHaveLength(2);
    expect(json.data[0]?.b64_json).not.toBe(json.data[1]?.b64_json);
    expect(json.usage.total_tokens).toBe(json.usage.input_tokens + json.usage.output_tokens);
    const picture = await sharp(pictureOf(json, 1)).metadata();
    expect(picture).toMatchObject({ format: 'png', width: 1536, height: 864 });
    expect(emulator.ledger).toMatchObject({ submissions: 1, accepted: 1, billed: 2, delivered: 2 });
  });

  it.each([
    ['png', true],
    ['webp', true],
    ['webp', false],
    ['jpeg', false],
  ])('paints real %s (transparent: %s) that others can decode', async (format, transparent) => {
    const { json } = await generate({
      size: '1024x768',
      output_format: format,
      background: transparent ? 'transparent' : 'opaque',
    });
    const image = sharp(pictureOf(json));
    expect(await image.metadata()).toMatchObject({ format, width: 1024, height: 768, hasAlpha: transparent });
    const { channels } = await image.stats();
    expect(channels[1]?.stdev).toBeGreaterThan(1);
    if (transparent) expect(channels[3]).toMatchObject({ min: 0, max: 255 });
  });

  it('makes big pictures that do not compress', async () => {
    emulator.set({ imageBytes: 1_000_000 });
    const { json } = await generate({});
    expect(pictureOf(json).length).toBe(1_000_000);
    emulator.set({ imageBytes: 0 });
  });

  it.each([
    [{ prompt: undefined }, 400, 'missing_required_parameter', 'prompt'],
    [{ prompt: 7 }, 400, 'invalid_type', 'prompt'],
    [{ prompt: 'x'.repeat(32_001) }, 400, 'invalid_value', 'prompt'],
    [{ n: 11 }, 400, 'invalid_value', 'n'],
    [{ n: '2' }, 400, 'invalid_type', 'n'],
    [{ size: '1000x1000' }, 400, 'invalid_value', 'size'],
    [{ size: '3840x1024' }, 400, 'invalid_value', 'size'],
    [{ size: '512x512' }, 400, 'invalid_value', 'size'],
    [{ size: '4096x2048' }, 400, 'invalid_value', 'size'],
    [{ size: 'large' }, 400, 'invalid_value', 'size'],
    [{ model: 'gpt-image-1.5', size: '1536x864' }, 400, 'invalid_value', 'size'],
    [{ quality: 'ultra' }, 400, 'invalid_value', 'quality'],
    [{ quality: 'xhigh' }, 400, 'invalid_value', 'quality'],
    [{ background: 'transparent', output_format: 'jpeg' }, 400, 'invalid_value', 'background'],
    [{ output_compression: 50 }, 400, 'invalid_value', 'output_compression'],
    [{ partial_images: 1 }, 400, 'invalid_value', 'partial_images'],
    [{ stream: true, partial_images: 4 }, 400, 'invalid_value', 'partial_images'],
    [{ response_format: 'url' }, 400, 'unknown_parameter', 'response_format'],
    [{ style: 'vivid' }, 400, 'unknown_parameter', 'style'],
    [{ seed: 1 }, 400, 'unknown_parameter', 'seed'],
    [{ input_fidelity: 'high' }, 400, 'unknown_parameter', 'input_fidelity'],
    [{ svg: {} }, 400, 'invalid_value', 'svg'],
    [{ model: 'gpt-image-9' }, 404, 'model_not_found', 'model'],
    [{ model: 'gpt-image-1' }, 410, 'model_not_found', 'model'],
    [{ model: 'dall-e-3' }, 410, 'model_not_found', 'model'],
    [{ prompt: '__illegal__' }, 400, 'moderation_blocked', null],
    [{ prompt: '__illegal_output__' }, 400, 'moderation_blocked', null],
  ])('refuses %j', async (body, status, code, param) => {
    const answer = await generate(body);
    expect(answer).toMatchObject({
      status,
      json: { error: { code, param, message: expect.any(String), type: expect.any(String) } },
    });
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    expect(emulator.ledger).toMatchObject({ billed: 0, refusals: 1 });
  });

  it('streams partial images and the finished one', async () => {
    const { headers, text } = await generate({ stream: true, partial_images: 2 });
    expect(headers.get('content-type')).toContain('text/event-stream');
    const events = text
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.split('\ndata: ')[1] ?? '') as Record<string, unknown>);
    expect(events.map((event) => [event['type'], event['partial_image_index']])).toEqual([
      ['image_generation.partial_image', 0],
      ['image_generation.partial_image', 1],
      ['image_generation.completed', undefined],
    ]);
    expect(events[2]?.['usage']).toMatchObject({ total_tokens: expect.any(Number) });
    expect(emulator.ledger.delivered).toBe(1);
  });
});

describe('edits', () => {
  it.each<[Field[], string[]]>([
    [[['image', png()]], ['image']],
    [[['image[]', png()]], ['image[]']],
    [
      [
        ['image[]', png()],
        ['n', '2'],
        ['image[]', png(32)],
      ],
      ['image[]', 'image[]'],
    ],
  ])('takes files before and after fields: %#', async (fields, names) => {
    expect((await edit([...fields, ['prompt', 'paint it blue']])).status).toBe(200);
    const pictures = emulator.requests[0]?.pictures ?? [];
    expect(pictures.map(({ field }) => field)).toEqual(names);
    expect(pictures.map(({ header }) => header.width)).toEqual([64, 32].slice(0, names.length));
  });

  it('takes texts for numbers and switches, and a mask', async () => {
    const fields: Field[] = [
      ['image', png()],
      ['mask', png()],
      ['prompt', 'x'],
      ['n', '2'],
      ['stream', 'false'],
    ];
    const { json } = await edit(fields);
    expect(json.data).toHaveLength(2);
    expect(json.usage.input_tokens_details.image_tokens).toBeGreaterThan(0);
    expect(emulator.requests[0]?.parameters).toMatchObject({ n: 2, stream: false });
  });

  it.each<[string, Field[], string, string?]>([
    ['no picture', [], 'missing_required_parameter'],
    ['no type', [['image', png(), 'application/octet-stream']], 'unsupported_file_mimetype'],
    ['another type', [['image', png(), 'image/gif']], 'unsupported_file_mimetype'],
    ['a wrong type', [['image', png(), 'image/jpeg']], 'invalid_image_file'],
    ['a text as file', [['image', 'text']], 'invalid_type'],
    ['a part for each byte', [['image[0]', '137']], 'invalid_type'],
    [
      '`image` twice',
      [
        ['image', png()],
        ['image', png()],
      ],
      'invalid_value',
    ],
    ['17 pictures', Array.from({ length: 17 }, () => ['image[]', png()] as Field), 'invalid_value'],
    [
      'another size of mask',
      [
        ['image', png()],
        ['mask', png(32)],
      ],
      'invalid_value',
    ],
    [
      'a mask that is too large',
      [
        ['image', png()],
        ['mask', png(64, 4_000_000)],
      ],
      'invalid_value',
    ],
    [
      'fidelity for gpt-image-2',
      [
        ['image', png()],
        ['input_fidelity', 'low'],
      ],
      'invalid_input_fidelity_model',
    ],
    [
      'high fidelity for mini',
      [
        ['image', png()],
        ['input_fidelity', 'high'],
      ],
      'invalid_input_fidelity_model',
      'gpt-image-1-mini',
    ],
    [
      'moderation',
      [
        ['image', png()],
        ['moderation', 'low'],
      ],
      'unknown_parameter',
    ],
    [
      'markup for gpt-image-2',
      [
        ['image', png()],
        ['markup', png()],
      ],
      'unknown_parameter',
    ],
  ])('refuses %s', async (_name, fields, code, model) => {
    expect(await edit([['prompt', 'x'], ...fields], model)).toMatchObject({ status: 400, json: { error: { code } } });
  });

  it('refuses a form that breaks off', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const body = '--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nx';
    expect(await call('/images/edits', { method: 'POST', headers, body })).toMatchObject({ status: 400 });
  });
});

describe('access', () => {
  it('looks at keys, but not on unknown paths', async () => {
    for (const authorization of ['', 'Bearer wrong', emulator.apiKey]) {
      const { status, json } = await call('/models', { headers: { authorization } });
      expect([status, json.error.code]).toEqual([401, 'invalid_api_key']);
    }
    const variations = await call('/images/variations', { method: 'POST', headers: { authorization: '' } });
    expect([variations.status, variations.text, variations.headers.get('content-type')]).toEqual([404, '', null]);
    emulator.set({ variationsStatus: 410 });
    expect((await call('/images/variations', { method: 'POST' })).status).toBe(410);
    expect((await call('/chat/completions', { method: 'POST' })).status).toBe(404);
  });

  it('lists models and tells shutdowns', async () => {
    const list = await call('/models');
    expect(list.json).toMatchObject({ object: 'list' });
    expect((await call('/models/gpt-image-1.5')).json).toMatchObject({ object: 'model', shutdown_date: '2099-06-30' });
    expect(await call('/models/none')).toMatchObject({ status: 404, json: { error: { code: 'model_not_found' } } });
    emulator.set({ mayListModels: false });
    expect((await call('/models/gpt-image-2')).status).toBe(403);
    emulator.set({ verified: false });
    expect((await generate({})).status).toBe(403);
  });

  it('limits images per minute, and says when there are more', async () => {
    emulator.set({ imagesPerMinute: 2 });
    const first = await generate({ n: 2 });
    expect(first.headers.get('x-ratelimit-remaining-images')).toBe('0');
    const second = await generate({});
    expect(second).toMatchObject({ status: 429, json: { error: { code: 'rate_limit_exceeded' } } });
    expect(second.headers.get('retry-after')).toBe('60');
    clock.advance(60_000);
    expect((await generate({})).status).toBe(200);
    expect(emulator.ledger.billed).toBe(3);
  });

  it('stops when the credit is used up', async () => {
    emulator.set({ credit: 1 });
    expect((await generate({})).status).toBe(200);
    const { status, json, headers } = await generate({});
    expect([status, json.error.code, json.error.type]).toEqual([429, 'credit_balance_exhausted', 'insufficient_quota']);
    expect(headers.get('retry-after')).toBeNull();
    emulator.set({ credit: 1e9 });
  });
});

describe('faults', () => {
  it.each([
    [{ kind: 'empty-list' }, (text: string) => JSON.parse(text).data.length === 0, 1],
    [{ kind: 'empty-body' }, (text: string) => text === '', 1],
    [{ kind: 'error-in-success', code: 'server_error' }, (text: string) => 'error' in JSON.parse(text), 0],
    [{ kind: 'wrong-content' }, (text: string) => text.includes('<html>'), 0],
    [{ kind: 'not-an-image' }, (text: string) => JSON.parse(text).data[0].b64_json.length < 100, 1],
  ] as const)('%j', async (fault, isRight, billed) => {
    emulator.setFaults([fault]);
    const { status, text } = await generate({});
    expect(status).toBe(200);
    expect(isRight(text)).toBe(true);
    expect(emulator.ledger).toMatchObject({ billed, faults: { [fault.kind]: 1 } });
  });

  it('resets before and after the work', async () => {
    emulator.setFaults([
      { operation: 'generate', script: [{ kind: 'reset-before-accept' }, { kind: 'reset-after-accept' }] },
    ]);
    await expect(generate({})).rejects.toThrow();
    expect(emulator.ledger.billed).toBe(0);
    await expect(generate({})).rejects.toThrow();
    expect(emulator.ledger).toMatchObject({ billed: 1, delivered: 0 });
  });

  it('ends streams without their last event, with an error, or not at all', async () => {
    emulator.setFaults([
      {
        operation: 'generate',
        script: [{ kind: 'no-completed-event' }, { kind: 'error-event' }, { kind: 'json-instead-of-stream' }],
      },
    ]);
    const body = { stream: true, partial_images: 1 };
    expect((await generate(body)).text).not.toContain('completed');
    expect((await generate(body)).text).toContain('event: error');
    expect((await generate(body)).json.data).toHaveLength(1);
  });

  it('can be set over HTTP, and unknown ones are refused', async () => {
    const control = (body: object): Promise<Response> =>
      fetch(`${emulator.url}/__control`, { method: 'POST', body: JSON.stringify(body) });
    expect((await control({ faults: [{ kind: 'refuse', code: 'slow_down' }], settings: { imageMs: 0 } })).status).toBe(
      200,
    );
    expect(await generate({})).toMatchObject({ status: 429, json: { error: { code: 'slow_down' } } });
    expect((await control({ faults: [{ kind: 'nonsense' }] })).status).toBe(400);
    expect((await control({ settings: { nonsense: 1 } })).status).toBe(400);
    const ledger = (await (await fetch(`${emulator.url}/__ledger`)).json()) as { refusalsByCode: object };
    expect(ledger.refusalsByCode).toEqual({ slow_down: 1 });
  });
});

describe('other servers', () => {
  it('compatible: addresses that expire, base64 on request, unknown fields ignored', async () => {
    emulator.set({ server: 'compatible', urlLifeMs: 1000 });
    const { json } = await generate({ model: 'any', size: '300x200', seed: 3, bogus: true });
    const url = json.data[0]?.url ?? '';
    const picture = await fetch(url);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(await sharp(Buffer.from(await picture.arrayBuffer())).metadata()).toMatchObject({ width: 300, height: 200 });
    expect((await fetch(url.replace('signature=', 'signature=0'))).status).toBe(403);
    clock.advance(1000);
    expect((await fetch(url)).status).toBe(403);
    expect((await generate({ response_format: 'b64_json' })).json.data[0]?.b64_json).toEqual(expect.any(String));
    expect(emulator.requests.filter(({ path }) => path.startsWith('/generated')).every(({ hasKey }) => !hasKey)).toBe(
      true,
    );
  });

  it('sdcpp: reads the tag in the prompt, falls back to 512, has its own errors', async () => {
    emulator.set({ server: 'sdcpp' });
    const prompt = 'a lamp <sd_cpp_extra_args>{"seed":5}</sd_cpp_extra_args>';
    const [first, second] = [await generate({ prompt, size: 'auto' }), await generate({ prompt, size: 'auto' })];
    expect(first.json.data).toEqual(second.json.data);
    expect(await sharp(pictureOf(first.json)).metadata()).toMatchObject({ width: 512 });
    expect(first.json.output_format).toBe('png');
    expect(await generate({ prompt: '' })).toMatchObject({ status: 400, json: { error: 'prompt required' } });
    expect((await call('/models')).json.data).toMatchObject([{ id: 'sd-cpp-local' }]);
  });
});
