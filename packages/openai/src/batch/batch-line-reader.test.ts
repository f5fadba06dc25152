import { describe, expect, it } from 'vitest';
import { ImageWriter } from '../answer/image-writer.ts';
import { BatchLineReader } from './batch-line-reader.ts';

const picture = Buffer.from('a picture of some bytes');
const body = (prompt = ''): object => ({
  status_code: 200,
  body: { data: [{ b64_json: picture.toString('base64'), revised_prompt: prompt }] },
});
const line = (name: string): string => JSON.stringify({ id: 'x', custom_id: name, response: body(), error: null });

interface Reading {
  readonly pictures: Record<string, string>;
  readonly lines: string[];
  readonly unread: Map<number, string>;
}

async function read(
  text: string,
  pieceBytes: number,
  wanted: readonly string[],
  names: ReadonlyMap<number, string> = new Map(),
  breaks = false,
): Promise<Reading> {
  const reading: Reading = { pictures: {}, lines: [], unread: new Map() };
  const writerFor = (customId: string): ImageWriter | undefined => {
    if (!wanted.includes(customId)) return undefined;
    const chunks: Uint8Array[] = [];
    return new ImageWriter(
      () =>
        Promise.resolve({
          write: (chunk) =>
            breaks ? Promise.reject(new Error('full')) : Promise.resolve(void chunks.push(Buffer.from(chunk))),
          close: () => Promise.resolve(),
          abort: () => Promise.resolve(void (reading.pictures[customId] = Buffer.concat(chunks).toString())),
        }),
      1,
    );
  };
  const reader = new BatchLineReader(
    {
      writerFor,
      line: (customId) => Promise.resolve(void reading.lines.push(customId)),
      failed: (customId) => void reading.lines.push(`${customId} failed`),
      unread: (number, customId) => void reading.unread.set(number, customId),
    },
    names,
  );
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) await reader.write(bytes.subarray(at, at + pieceBytes));
  await reader.end();
  return reading;
}

describe('lines of a batch', () => {
  const text = `${line('first')}\n${line('second')}\n\n${line('third')}`;

  it.each([1, 7, 64, 10_000])(
    'come in pieces of %d bytes; those that nobody waits for are skipped',
    async (pieceBytes) => {
      const { lines, pictures, unread } = await read(text, pieceBytes, ['first', 'third']);
      expect(lines).toEqual(['first', 'third']);
      // The sink aborts what is not a picture; what came is whole.
      expect(pictures).toEqual({ first: picture.toString(), third: picture.toString() });
      expect(unread.size).toBe(0);
    },
  );

  it('are read again when the name comes after the picture', async () => {
    const late = `${line('first')}\n${JSON.stringify({ response: body(), custom_id: 'late' })}\n`;
    const first = await read(late, 50, ['first', 'late']);
    expect(first).toMatchObject({ lines: ['first'], unread: new Map([[1, 'late']]) });
    const second = await read(late, 50, ['late'], first.unread);
    expect(second).toMatchObject({ lines: ['late'], pictures: { late: picture.toString() } });
  });

  it('are read again when an answer has a name of its own', async () => {
    const strange = JSON.stringify({ echo: { custom_id: 'other' }, custom_id: 'real', response: body() });
    const { lines, unread } = await read(strange, 1000, ['other', 'real']);
    expect(lines).toEqual([]);
    expect((await read(strange, 1000, ['other', 'real'], unread)).lines).toEqual(['real']);
    // A name inside a text is not one.
    const quoted = JSON.stringify({ note: '"custom_id":"other"', custom_id: 'real', response: body() });
    expect((await read(quoted, 1000, ['real'])).lines).toEqual(['real']);
  });

  it('do not end when one cannot be written, nor when one is cut short', async () => {
    expect((await read(text, 1000, ['first', 'second'], new Map(), true)).lines).toEqual([
      'first failed',
      'second failed',
    ]);
    expect((await read(`${line('first').slice(0, 80)}\n${line('second')}`, 9, ['first', 'second'])).lines).toEqual([
      'second',
    ]);
  });
});
