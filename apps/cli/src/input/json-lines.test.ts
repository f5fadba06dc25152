import { Buffer } from 'node:buffer';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { maxLineLength, readJsonLines } from './json-lines.ts';

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}
const read = async (...parts: readonly Uint8Array[]) => Array.fromAsync(readJsonLines(chunks(...parts)));

describe('readJsonLines', () => {
  it('strips a byte-order mark, takes CRLF, skips and counts blank lines', async () => {
    expect(await read(Buffer.from('\uFEFF{"a":1}\r\n\r\n  \n{"b":2}'))).toEqual([
      { number: 1, text: '{"a":1}' },
      { number: 4, text: '{"b":2}' },
    ]);
  });

  it('gives the same lines however the bytes are cut', async () => {
    const texts = fc.array(fc.constantFrom('{"p":"雨夜🍜"}', '', 'x', '{"long":"' + 'y'.repeat(300) + '"}'));
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 7 }), async (lines, size) => {
        const bytes = Buffer.from(lines.join('\n'));
        const parts = [];
        for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
        expect(await read(...parts)).toEqual(await read(bytes));
        expect((await read(bytes)).map((line) => line.text)).toEqual(lines.filter((line) => line !== ''));
      }),
    );
  });

  it('marks a line that is not UTF-8 and goes on', async () => {
    expect(await read(Buffer.from([0xff, 0x41, 10, 0x42]))).toEqual([{ number: 1 }, { number: 2, text: 'B' }]);
  });

  it('refuses UTF-16 and a line without end', async () => {
    await expect(read(Buffer.from('\uFEFF{}\n', 'utf16le'))).rejects.toThrow('UTF-8');
    await expect(read(Buffer.alloc(maxLineLength + 1, 'x'))).rejects.toThrow('longer');
  });
});
