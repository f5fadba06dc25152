/**
 * Our requests and the emulator's answers against the official OpenAPI document of OpenAI, which is not part of this
 * repository: it is looked for in `../shared/contracts` beside the repository, or in `CONTRACTS_DIR`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { paintPng, startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAIBackend } from '../src/index.ts';
import { reference, request, testContext, testKey } from './support.ts';

const root = resolve(import.meta.dirname, '../../..');
const directory = process.env['CONTRACTS_DIR'] ?? join(root, '../shared/contracts');
const file = join(directory, 'openai-images.patched.json');
const present = existsSync(file);
if (!present) {
  console.warn(
    `\nNOT RUN: the contract tests of OpenAI. ${file} is missing; set CONTRACTS_DIR to the folder that has it.\n`,
  );
}

interface Document {
  readonly components: { readonly schemas: Record<string, object> };
}

function validator(
  name: string,
  change: (schema: Record<string, unknown>) => void = () => undefined,
): ValidateFunction {
  const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
  change(document.components.schemas[name] as Record<string, unknown>);
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    formats: { binary: true, unixtime: true, uri: true, date: true },
  });
  ajv.addSchema({ $id: 'openai', ...document });
  const validate = ajv.getSchema(`openai#/components/schemas/${name}`);
  if (validate === undefined) throw new Error(`There is no schema ${name}.`);
  return validate;
}

function expectValid(validate: ValidateFunction, value: unknown): void {
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}

let emulator: OpenAIEmulator;
beforeAll(async () => {
  emulator = await startOpenAIEmulator({ imageMs: 0, apiKey: testKey });
});
afterAll(() => emulator.close());
beforeEach((context) => {
  if (!present) context.skip(`${file} is missing`);
  emulator.reset();
});

const png = paintPng({ width: 64, height: 64, prompt: 'reference', seed: 1, transparent: true });

async function sent(model: string, fields: Parameters<typeof request>[0]) {
  const backend = createOpenAIBackend({ apiKey: testKey, baseURL: emulator.baseURL, model });
  await backend.submit(request(fields), testContext(backend));
  const last = emulator.requests.at(-1);
  if (last === undefined) throw new Error('Nothing was sent.');
  return last;
}

async function answer(path: string, body?: object): Promise<{ readonly type: string; readonly text: string }> {
  const response = await fetch(emulator.baseURL + path, {
    headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { type: response.headers.get('content-type') ?? '', text: await response.text() };
}

describe('our requests', () => {
  it('the schema refuses a wrong request', () => {
    const validate = validator('CreateImageRequest');
    expect(validate({ prompt: 'x', n: 11 })).toBe(false);
    expect(validate({ prompt: 'x', quality: 'ultra' })).toBe(false);
    expect(validate({ prompt: 'x', bogus: 1 })).toBe(false);
    expect(validate({ model: 'gpt-image-2' })).toBe(false);
  });

  it.each([
    ['gpt-image-2', {}],
    ['gpt-image-2', { count: 3, size: { width: 1536, height: 864 }, background: 'transparent', format: 'png' }],
    ['gpt-image-2', { providerOptions: { quality: 'high', moderation: 'low', user: 'u-1', partialImages: 3 } }],
    [
      'gpt-image-2.6-flare',
      {
        format: 'webp',
        providerOptions: { quality: 'max', compression: 50, complexity: 'low', safetyIdentifier: 's' },
      },
    ],
    ['gpt-image-1.5', { providerOptions: { size: 'auto' } }],
  ] as const)('generate with %s and %j', async (model, fields) => {
    expectValid(validator('CreateImageRequest'), (await sent(model, fields)).parameters);
  });

  it.each([
    ['gpt-image-2', { references: [reference(png)] }],
    [
      'gpt-image-1.5',
      { references: [reference(png, 'init'), reference(png)], providerOptions: { inputFidelity: 'low', mask: png } },
    ],
    [
      'gpt-image-2.5-sunburst',
      {
        references: [reference(png)],
        format: 'jpeg',
        providerOptions: { markup: png, compression: 9, partialImages: 0 },
      },
    ],
  ] as const)('edit with %s', async (model, fields) => {
    const { parameters, pictures = [] } = await sent(model, fields);
    const parts: Record<string, unknown> = { ...parameters };
    for (const { field, sha256 } of pictures) {
      const before = parts[field];
      parts[field] = before === undefined ? sha256 : [before, sha256].flat();
    }
    expectValid(validator('CreateImageEditRequest'), parts);
    expect(pictures.every(({ type }) => type.startsWith('image/'))).toBe(true);
  });
});

describe("the emulator's answers", () => {
  it('JSON of generations and edits', async () => {
    const validate = validator('ImagesResponse');
    for (const body of [
      { model: 'gpt-image-2', prompt: 'x', n: 2, size: '1536x864' },
      { model: 'gpt-image-2.5-flare', prompt: 'x', quality: 'max', output_format: 'webp', background: 'transparent' },
    ]) {
      const { type, text } = await answer('/images/generations', body);
      expect(type).toBe('application/json');
      expectValid(validate, JSON.parse(text));
    }
    const image_url = `data:image/png;base64,${png.toString('base64')}`;
    const edited = await answer('/images/edits', { model: 'gpt-image-2', prompt: 'x', images: [{ image_url }] });
    expectValid(validate, JSON.parse(edited.text));
    expect(JSON.parse(edited.text)).toMatchObject({ data: [{ b64_json: expect.any(String) }], usage: {} });
  });

  it('events of streams', async () => {
    // The document of that date lists fewer sizes and qualities than the models take.
    const open = (schema: Record<string, unknown>): void => {
      const properties = schema['properties'] as Record<string, unknown>;
      properties['size'] = { type: 'string' };
    };
    const { text } = await answer('/images/generations', {
      model: 'gpt-image-2',
      prompt: 'x',
      size: '1536x864',
      stream: true,
      partial_images: 2,
    });
    const events = text.split('\n\n').filter((event) => event !== '');
    expect(events).toHaveLength(3);
    for (const event of events) {
      const [name = '', data = ''] = event.split('\n').map((line) => line.replace(/^(?:event|data): /, ''));
      const value: unknown = JSON.parse(data);
      expect(value).toMatchObject({ type: name });
      const schema = name.endsWith('.completed') ? 'ImageGenCompletedEvent' : 'ImageGenPartialImageEvent';
      expectValid(validator(schema, open), value);
    }
  });

  it('models', async () => {
    expectValid(validator('ListModelsResponse'), JSON.parse((await answer('/models')).text));
    expectValid(validator('Model'), JSON.parse((await answer('/models/gpt-image-1.5')).text));
  });
});
