import { describe, expect, it } from 'vitest';
import { paintPng } from '../src/index.ts';
import { call, emulator, useOpenAIEmulator } from './support/openai-caller.ts';

useOpenAIEmulator();

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
