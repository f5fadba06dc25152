/** A lossless WebP of two tones (RFC 9649, section 3): one bit for each pixel, and one more where it can be transparent. */
import { blockSize } from '../base/block-picture.ts';
import type { BlockPicture } from '../base/block-picture.ts';

class BitWriter {
  readonly #bytes: number[] = [];
  #buffer = 0;
  #count = 0;

  /** Least significant bit first. */
  write(bits: number, length: number): void {
    for (let index = 0; index < length; index += 1) {
      this.#buffer |= ((bits >> index) & 1) << this.#count;
      this.#count += 1;
      if (this.#count < 8) continue;
      this.#bytes.push(this.#buffer);
      this.#buffer = 0;
      this.#count = 0;
    }
  }

  /** A prefix code of one or two symbols. */
  simpleCode(...symbols: readonly number[]): void {
    this.write(1, 1);
    this.write(symbols.length - 1, 1);
    this.write(1, 1);
    for (const symbol of symbols) this.write(symbol, 8);
  }

  end(): Buffer {
    if (this.#count > 0) this.#bytes.push(this.#buffer);
    return Buffer.from(this.#bytes);
  }
}

const dark = 70;
const light = 220;

export function encodeWebp(picture: BlockPicture, width: number, height: number, transparent: boolean): Buffer {
  const writer = new BitWriter();
  writer.write(0x2f, 8);
  writer.write(width - 1, 14);
  writer.write(height - 1, 14);
  writer.write(transparent ? 1 : 0, 1);
  // Version 0, no transform, no colour cache, one group of codes.
  writer.write(0, 3 + 1 + 1 + 1);
  writer.simpleCode(dark, light);
  writer.simpleCode(120);
  writer.simpleCode(150);
  if (transparent) writer.simpleCode(0, 255);
  else writer.simpleCode(255);
  writer.simpleCode(0);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (Math.floor(y / blockSize) * picture.columns + Math.floor(x / blockSize)) * 4;
      const [red = 0, green = 0, blue = 0, alpha = 255] = picture.pixels.subarray(at, at + 4);
      writer.write(red + green + blue > 384 ? 1 : 0, 1);
      if (transparent) writer.write(alpha > 127 ? 1 : 0, 1);
    }
  }
  return container(writer.end());
}

function container(data: Buffer): Buffer {
  const padded = data.length % 2 === 0 ? data : Buffer.concat([data, Buffer.alloc(1)]);
  const head = Buffer.alloc(20);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(12 + padded.length, 4);
  head.write('WEBPVP8L', 8, 'latin1');
  head.writeUInt32LE(data.length, 16);
  return Buffer.concat([head, padded]);
}
