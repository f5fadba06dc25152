import { expect, it } from 'vitest';
import { Base64Decoder } from './base64-decoder.ts';

const picture = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7) % 256));

function pieces(text: string, length: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, piece) =>
    text.slice(piece * length, (piece + 1) * length),
  );
}

it.each([1, 2, 3, 4, 5, 64, 5000])(
  'decodes pieces of %d characters, padded or not, one text after another',
  (length) => {
    const decoder = new Base64Decoder();
    for (const encoding of ['base64', 'base64url'] as const) {
      const found: Buffer[] = [];
      for (const piece of pieces(picture.toString(encoding), length)) {
        found.push(Buffer.from(decoder.write(piece)));
        decoder.reuse();
      }
      found.push(decoder.end());
      expect(Buffer.concat(found)).toEqual(picture);
    }
  },
);

it('leaves earlier bytes as they are until they are not needed any more', () => {
  const decoder = new Base64Decoder();
  const found = pieces(picture.toString('base64'), 101).map((piece) => decoder.write(piece));
  expect(Buffer.concat([...found, decoder.end()])).toEqual(picture);
});

it('needs no more memory for a hundred pieces than for one', () => {
  const decoder = new Base64Decoder();
  const memory = new Set<ArrayBufferLike>();
  const piece = 'A'.repeat(64 * 1024 + 1);
  for (let written = 0; written < 100; written += 1) {
    // The first piece is shorter by what it leaves for the next one.
    if (written > 3) memory.add(decoder.write(piece).buffer);
    else decoder.write(piece);
    decoder.reuse();
  }
  expect(memory.size).toBe(1);
});
