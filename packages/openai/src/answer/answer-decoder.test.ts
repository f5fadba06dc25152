import { describe, expect, it } from 'vitest';
import { AnswerDecoder } from './answer-decoder.ts';
import type { Answer } from './answer-decoder.ts';

interface Decoded {
  readonly answer: Answer;
  /** The bytes of each slot, as text. */
  readonly pictures: readonly string[];
  readonly indexes: readonly number[];
  readonly previews: readonly number[];
  readonly done: boolean;
}

function decode(text: string, pieceBytes: number): Decoded {
  const pictures: Buffer[][] = [];
  const indexes: number[] = [];
  const previews: number[] = [];
  const decoder = new AnswerDecoder({
    imageStart({ slot, index }) {
      pictures[slot] = [];
      indexes[slot] = index;
      return true;
    },
    imageData: (slot, bytes) => void pictures[slot]?.push(Buffer.from(bytes)),
    imageEnd: () => undefined,
    preview: (slot) => void previews.push(slot),
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) decoder.write(Buffer.from(bytes.subarray(at, at + pieceBytes)));
  const { done } = decoder;
  const answer = decoder.end();
  return { answer, pictures: pictures.map((list) => Buffer.concat(list).toString('utf8')), indexes, previews, done };
}

/** The same result, however the bytes are cut. */
function decodeAnyhow(text: string): Decoded {
  const whole = decode(text, Math.max(1, Buffer.byteLength(text)));
  for (const pieceBytes of [1, 2, 3, 5, 7, 64]) expect(decode(text, pieceBytes)).toEqual(whole);
  return whole;
}

const b64 = (text: string): string => Buffer.from(text).toString('base64');

describe('JSON answers', () => {
  it('takes out the pictures and keeps the rest', () => {
    const { answer, pictures, indexes, done } = decodeAnyhow(
      JSON.stringify({
        created: 1,
        data: [
          { b64_json: b64('first picture') },
          { revised_prompt: '面馆 "quoted"', b64_json: b64('second, longer picture') },
        ],
        usage: { input_tokens: 3 },
      }),
    );
    expect(pictures).toEqual(['first picture', 'second, longer picture']);
    expect(indexes).toEqual([0, 1]);
    expect(done).toBe(true);
    expect(answer).toMatchObject({
      form: 'json',
      complete: true,
      usage: { input_tokens: 3 },
      items: [
        { index: 0, content: { kind: 'inline', slot: 0 } },
        { index: 1, content: { kind: 'inline', slot: 1 }, revisedPrompt: '面馆 "quoted"' },
      ],
    });
  });

  it('is not misled by texts that look like pictures', () => {
    const words = String.raw`a prompt with "b64_json":"AAAA" and \ and \" in it`;
    const { answer, pictures } = decodeAnyhow(
      `\uFEFF  ${JSON.stringify({ note: words, b64: 'AAAA', data: [{ revised_prompt: words, b64_json: b64('real') }] }, null, 2)}\n`,
    );
    expect(pictures).toEqual(['real']);
    expect(answer.items[0]?.revisedPrompt).toBe(words);
  });

  it('distinguishes addresses, data URIs, null and empty texts', () => {
    const { answer, pictures } = decodeAnyhow(
      JSON.stringify({
        data: [
          { url: 'https://example.org/a.png?s=1', b64_json: null },
          { url: `data:image/png;base64,${b64('inside')}` },
          { b64_json: '' },
          { url: 'data' },
          'https://example.org/b.png',
          7,
        ],
      }),
    );
    expect(answer.items.map(({ content }) => content.kind)).toEqual(['url', 'inline', 'none', 'url', 'url', 'none']);
    expect(pictures[0]).toBe('inside');
  });

  it.each([
    ['{"created":1,"data":[{"b64_json":"QUJD', 'json', false],
    ['{"created":1,"data":[{"b64_json":"QUJD"}]', 'json', false],
    ['{"created":1', 'json', false],
    ['{"created":1}', 'json', true],
    ['[]', 'json', true],
    ['<!DOCTYPE html><p>login', 'markup', true],
    ['Internal Server Error', 'other', true],
    ['   ', 'other', true],
    ['', 'empty', true],
  ])('finds no whole image in %j', (text, form, complete) => {
    const { answer } = decodeAnyhow(text);
    expect(answer).toMatchObject({ form, complete });
    expect(answer.items.filter(() => complete)).toEqual([]);
  });
});

describe('event streams', () => {
  const event = (type: string, fields: object): string => JSON.stringify({ type, ...fields });
  const partial = event('image_generation.partial_image', { b64_json: b64('draft'), partial_image_index: 0 });
  const completed = event('image_generation.completed', { b64_json: b64('finished'), usage: { total_tokens: 9 } });

  it.each([
    ['\n', 'LF'],
    ['\r\n', 'CRLF'],
    ['\r', 'CR'],
  ])('reads %j', (end) => {
    const lines = [
      ': comment',
      'event: image_generation.partial_image',
      `data: ${partial}`,
      '',
      'id: 3',
      'event: image_generation.completed',
      `data: ${completed}`,
      '',
      'data: [DONE]',
      '',
    ];
    const { answer, pictures, previews, done } = decodeAnyhow(lines.map((line) => line + end).join(''));
    expect(pictures).toEqual(['draft', 'finished']);
    expect(previews).toEqual([0]);
    expect(done).toBe(true);
    expect(answer).toMatchObject({ usage: { total_tokens: 9 }, items: [{ index: 0, content: { slot: 1 } }] });
  });

  it('reads streams without event names, with the type last, over several data lines, and without a last blank line', () => {
    const late = `{"b64_json":"${b64('draft')}",\ndata: "type":"image_edit.partial_image"}`;
    const { answer, pictures, previews } = decodeAnyhow(
      `data:${late}\n\ndata: {"b64_json":"${b64('end')}","type":"image_edit.completed"}`,
    );
    expect(pictures).toEqual(['draft', 'end']);
    expect(previews).toEqual([0]);
    expect(answer.items).toHaveLength(1);
  });

  it.each(['', '\n', '\r'])('delivers the finished image before its event ends (%j)', (end) => {
    const finished = `event: image_generation.partial_image\ndata: ${partial}\n\nevent: image_generation.completed\ndata: ${completed}${end}`;
    const { answer, pictures, previews, done } = decodeAnyhow(finished);
    expect(done).toBe(true);
    expect(pictures).toEqual(['draft', 'finished']);
    expect(previews).toEqual([0]);
    expect(answer).toMatchObject({ complete: true, usage: { total_tokens: 9 }, items: [{ index: 0 }] });
    expect(answer.items).toHaveLength(1);
  });

  it('reports errors and a stream that ends without an image', () => {
    const cut = decodeAnyhow(
      `event: image_generation.partial_image\ndata: ${partial}\n\nevent: image_generation.completed\ndata: ${completed.slice(0, 60)}`,
    );
    expect(cut.answer).toMatchObject({ form: 'events', complete: false, items: [] });
    const error = { error: { code: 'moderation_blocked', message: 'no' } };
    for (const stream of [`event: error\ndata: ${JSON.stringify(error)}\n\n`, `data: ${JSON.stringify(error)}\n\n`]) {
      expect(decodeAnyhow(stream).answer).toMatchObject({ items: [], error: error.error });
    }
  });
});

it('memory use does not depend on the size of the pictures', () => {
  let largest = 0;
  const decoder = new AnswerDecoder({
    imageStart: () => true,
    imageData: (_slot, bytes) => void (largest = Math.max(largest, bytes.length)),
    imageEnd: () => undefined,
    preview: () => undefined,
  });
  decoder.write(Buffer.from('{"data":[{"b64_json":"'));
  for (let piece = 0; piece < 200; piece += 1) decoder.write(Buffer.alloc(64 * 1024, 'A'));
  decoder.write(Buffer.from('"}]}'));
  expect(largest).toBeLessThanOrEqual(48 * 1024 + 3);
  expect(decoder.end().items).toHaveLength(1);
});
