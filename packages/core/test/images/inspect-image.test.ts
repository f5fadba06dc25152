import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { assert, constantFrom, integer, nat, property, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImageInspector, inspectImage } from '../../src/backend.ts';
import { createSampleImages, pngChunk } from './sample-images.ts';

const samples = await createSampleImages();
const byName = new Map(samples.map((sample) => [sample.name, sample.bytes]));

function sample(name: string): Buffer {
  const bytes = byName.get(name);
  if (bytes === undefined) throw new Error(`There is no sample called ${name}.`);
  return Buffer.from(bytes);
}

function png(width: number, height: number, ...chunks: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), pngChunk('IHDR', header), ...chunks]);
}

describe.each(samples)('$name', ({ bytes, mediaType, width, height, hasAlpha }) => {
  const facts = { mediaType, width, height, hasAlpha, complete: true };

  test('is recognised as complete, with its size', () => {
    expect(inspectImage(bytes)).toEqual(facts);
  });

  test('gives the same in chunks of any size', () => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    for (const size of [1, 2, 3, 7, 64, 1000]) {
      const inspector = new ImageInspector();
      for (let start = 0; start < bytes.byteLength; start += size) {
        // A copy that is overwritten at once: nothing may hold on to a chunk.
        const chunk = bytes.slice(start, start + size);
        inspector.write(chunk);
        chunk.fill(0xff);
      }
      expect(inspector.end()).toEqual({ ...facts, sha256, byteLength: bytes.byteLength });
    }
  });

  test('is never complete when it is cut off', () => {
    const found = new Set<string>();
    for (let length = 0; length < bytes.byteLength; length += 1) {
      const info = inspectImage(bytes.subarray(0, length));
      if (info?.complete === true) found.add(`${length} of ${bytes.byteLength}`);
    }
    expect([...found]).toEqual([]);
  });
});

describe('PNG', () => {
  const pixels = pngChunk('IDAT', deflateSync(Buffer.alloc(7)));
  const end = pngChunk('IEND', Buffer.alloc(0));

  test('a wrong byte anywhere after the signature is damage', () => {
    const whole = sample('png');
    for (let index = 8; index < whole.byteLength; index += 97) {
      const damaged = Buffer.from(whole);
      damaged[index] = (damaged[index] ?? 0) ^ 0x40;
      expect([index, inspectImage(damaged)?.complete ?? false]).toEqual([index, false]);
    }
  });

  test('a header that promises a huge picture is only reported', () => {
    expect(inspectImage(png(2_000_000_000, 2_000_000_000, pixels, end))).toMatchObject({
      width: 2_000_000_000,
      height: 2_000_000_000,
      complete: true,
    });
  });

  test('without pixels it is not complete; without a size it is not an image', () => {
    expect(inspectImage(png(2, 2, end))).toMatchObject({ complete: false });
    expect(inspectImage(png(0, 2, pixels, end))).toBeUndefined();
    expect(inspectImage(png(2, 0, pixels, end))).toBeUndefined();
  });

  test('a chunk with an absurd length is not collected in memory', () => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(0xffffffff, 0);
    head.write('IDAT', 4, 'latin1');
    expect(inspectImage(png(2, 2, head, Buffer.alloc(4), end))).toMatchObject({ width: 2, complete: false });
  });

  test('bytes after its end do not matter', () => {
    expect(inspectImage(Buffer.concat([sample('png'), Buffer.from('trailing')]))).toMatchObject({ complete: true });
  });

  test('a file that does not start with IHDR is not an image', () => {
    const bytes = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), pixels, end]);
    expect(crc32(pixels.subarray(4, -4))).toBe(pixels.readUInt32BE(pixels.byteLength - 4));
    expect(inspectImage(bytes)).toBeUndefined();
  });
});

describe('JPEG', () => {
  test('the thumbnail is not taken for the picture when the rest is missing', () => {
    const bytes = sample('jpeg with a thumbnail');
    const scan = bytes.lastIndexOf(Buffer.from([0xff, 0xda]));
    expect(inspectImage(bytes.subarray(0, scan))).toMatchObject({ width: 61, height: 37, complete: false });
  });

  test('a size without lines is completed by DNL', () => {
    const bytes = sample('jpeg');
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(0, frame + 5);
    expect(inspectImage(bytes)).toBeUndefined();
    const lines = Buffer.from([0xff, 0xdc, 0x00, 0x04, 0x00, 37]);
    const withLines = Buffer.concat([bytes.subarray(0, -2), lines, bytes.subarray(-2)]);
    expect(inspectImage(withLines)).toMatchObject({ width: 61, height: 37, complete: true });
  });

  test('only a header and an end marker are not complete', () => {
    const bytes = sample('jpeg');
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
    const empty = Buffer.concat([bytes.subarray(0, scan), Buffer.from([0xff, 0xd9])]);
    expect(inspectImage(empty)).toMatchObject({ width: 61, complete: false });
  });
});

describe('WebP', () => {
  test('a container that ends within a chunk, although its own size fits', () => {
    const bytes = sample('webp');
    const cut = bytes.subarray(0, bytes.byteLength - 20);
    cut.writeUInt32LE(cut.byteLength - 8, 4);
    expect(inspectImage(cut)).toMatchObject({ complete: false });
  });

  test('a container without pixels', () => {
    const bytes = Buffer.alloc(30);
    bytes.write('RIFF', 0, 'latin1');
    bytes.writeUInt32LE(22, 4);
    bytes.write('WEBPVP8X', 8, 'latin1');
    bytes.writeUInt32LE(10, 16);
    expect(inspectImage(bytes)).toMatchObject({ width: 1, height: 1, complete: false });
  });
});

describe('no image', () => {
  test.each([
    '',
    'B',
    'BM',
    'BMW drives through the rain',
    '<!DOCTYPE html><html></html>',
    '{"error":{"message":"no"}}',
    'GIF87b',
    'II*',
    'RIFF\u0000\u0000\u0000\u0000WAVE',
    '\u0089PNG',
    '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
  ])('%j', (text) => {
    expect(inspectImage(Buffer.from(text, 'latin1'))).toBeUndefined();
  });

  test('any bytes in any chunks give the same result without a crash', () => {
    const prefixes = samples.map(({ bytes }) => Buffer.from(bytes.subarray(0, 64)));
    assert(
      property(
        constantFrom(Buffer.alloc(0), ...prefixes),
        nat(64),
        uint8Array({ maxLength: 300 }),
        integer({ min: 1, max: 50 }),
        (prefix, keep, tail, size) => {
          const bytes = Buffer.concat([prefix.subarray(0, keep), tail]);
          const inspector = new ImageInspector();
          for (let start = 0; start < bytes.byteLength; start += size)
            inspector.write(bytes.subarray(start, start + size));
          const streamed = inspector.end();
          const whole = inspectImage(bytes);
          expect(streamed === undefined).toBe(whole === undefined);
          expect(streamed ?? {}).toMatchObject(whole ?? {});
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });
});

test('an ended inspection takes no more bytes, and has hash and length of any bytes', () => {
  const inspector = new ImageInspector();
  inspector.write(Buffer.from('abc'));
  expect(inspector.end()).toBeUndefined();
  expect(inspector.byteLength).toBe(3);
  expect(inspector.sha256).toBe(createHash('sha256').update('abc').digest('hex'));
  expect(() => inspector.write(Buffer.from('d'))).toThrow('ended');
});

test('a JPEG whose scan is empty has no pixels', () => {
  const whole = sample('jpeg');
  const scan = whole.indexOf(Buffer.from([0xff, 0xda]));
  const data = scan + 2 + whole.readUInt16BE(scan + 2);
  expect(inspectImage(whole)).toMatchObject({ complete: true });
  expect(inspectImage(Buffer.concat([whole.subarray(0, data), whole.subarray(-2)]))).toMatchObject({ complete: false });
});
