import { describe, expect, it } from 'vitest';
import { readImageHeader } from './image-header.ts';

/** The first bytes of pictures of 123 x 57, as an encoder made them. */
const files: [name: string, format: string, base64: string][] = [
  [
    'baseline JPEG',
    'jpeg',
    '/9j/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUoKSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wAARCAA5AHsDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAf/xAAUEAEAAAAAAAAA',
  ],
  [
    'progressive JPEG',
    'jpeg',
    '/9j/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUoKSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wgARCAA5AHsDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAb/xAAVAQEBAAAAAAAA',
  ],
  ['WebP', 'webp', 'UklGRkwAAABXRUJQVlA4IEAAAABwBACdASp7ADkAPm02mUmkIqKhIQgAgA2J'],
  ['lossless WebP', 'webp', 'UklGRiQAAABXRUJQVlA4TBcAAAAvegAOAAfQ3aqWuf8BICH8v69E9D91BAA='],
  ['WebP with alpha', 'webp', 'UklGRmwAAABXRUJQVlA4WAoAAAAQAAAAegAAOAAAQUxQSBAAAAABB1DAiAgA'],
  ['GIF', 'gif', 'R0lGODlhewA5AIAAAExpcaq7'],
];

function bmp(height: number): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeInt32LE(123, 18);
  header.writeInt32LE(height, 22);
  return header;
}

/** A TIFF header and directory: the width as a short, the height as a long. */
function tiff(little: boolean): Buffer {
  const file = Buffer.alloc(8 + 2 + 24);
  const word = (value: number, at: number): number =>
    little ? file.writeUInt16LE(value, at) : file.writeUInt16BE(value, at);
  const long = (value: number, at: number): number =>
    little ? file.writeUInt32LE(value, at) : file.writeUInt32BE(value, at);
  file.write(little ? 'II' : 'MM');
  word(42, 2);
  long(8, 4);
  word(2, 8);
  for (const [index, [tag, type]] of [
    [256, 3],
    [257, 4],
  ].entries()) {
    const at = 10 + index * 12;
    word(tag ?? 0, at);
    word(type ?? 0, at + 2);
    long(1, at + 4);
    if (type === 3) word(123, at + 8);
    else long(57, at + 8);
  }
  return file;
}

describe('readImageHeader', () => {
  it.each(files)('reads %s', (_name, format, base64) => {
    expect(readImageHeader(Buffer.from(base64, 'base64'))).toEqual({ format, width: 123, height: 57 });
  });

  it('reads BMP from the top and from the bottom, and TIFF in either byte order', () => {
    for (const height of [57, -57])
      expect(readImageHeader(bmp(height))).toEqual({ format: 'bmp', width: 123, height: 57 });
    for (const little of [true, false])
      expect(readImageHeader(tiff(little))).toEqual({ format: 'tiff', width: 123, height: 57 });
  });

  it('knows nothing of other bytes and of pictures that are too short', () => {
    for (const text of ['', 'x', 'hello, this is text', '<svg xmlns="http://www.w3.org/2000/svg"/>'])
      expect(readImageHeader(Buffer.from(text))).toBeUndefined();
    for (const [, , base64] of files)
      expect(readImageHeader(Buffer.from(base64, 'base64').subarray(0, 5))).toBeUndefined();
    expect(readImageHeader(Buffer.from([0x89, 0x50, 0x4e, 0x47]))).toBeUndefined();
  });
});
