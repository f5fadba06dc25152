import { createInflate, inflateSync } from 'node:zlib';
import type { Inflate } from 'node:zlib';
import { freeMemory } from '../internal/free-memory.ts';
import { viewOf } from './byte-parser.ts';

// Samples a pixel by colour type (https://www.w3.org/TR/png-3/#11IHDR).
const samples: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
// Start and step of the passes of an interlaced picture, across and down (https://www.w3.org/TR/png-3/#8Interlace).
const passes = [
  [0, 8, 0, 8],
  [4, 8, 0, 8],
  [0, 4, 4, 8],
  [2, 4, 0, 4],
  [0, 2, 2, 4],
  [1, 2, 0, 2],
  [0, 1, 1, 2],
] as const;

/** Up to this length the event loop inflates in less time than a thread takes to wake up. */
const smallPicture = 64 * 1024;
const mostChunkBytes = 1024 * 1024;

/** Checks that the pixel data of a PNG inflates to the size that its header promises. Keeps no pixels. */
export interface PngPixels {
  /** Takes the next data of the IDAT chunks. Do not change the bytes before `taken`. */
  write(part: Uint8Array): void;
  /** Resolves when all written bytes are read. */
  taken(): Promise<void>;
  /** Ends the data. True if it was complete. */
  end(): Promise<boolean>;
  stop(): void;
}

/** @param header The data of the IHDR chunk: 13 bytes. */
export function createPngPixels(header: Uint8Array): PngPixels {
  const expected = inflatedLength(header);
  return expected <= smallPicture ? new SmallPngPixels(expected) : new LargePngPixels(expected);
}

class SmallPngPixels implements PngPixels {
  readonly #expected: number;
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  constructor(expected: number) {
    this.#expected = expected;
  }

  write(part: Uint8Array): void {
    this.#length += part.byteLength;
    // Deflate adds only a few bytes: a longer stream is damaged.
    // Not `slice`: that of a Buffer copies nothing.
    if (this.#length <= 2 * smallPicture) this.#parts.push(new Uint8Array(part));
  }

  async taken(): Promise<void> {}

  async end(): Promise<boolean> {
    try {
      const limits = { chunkSize: Math.max(64, this.#expected + 1), maxOutputLength: Math.max(1, this.#expected) };
      return inflateSync(Buffer.concat(this.#parts), limits).byteLength === this.#expected;
    } catch {
      return false;
    }
  }

  stop(): void {}
}

/** Runs off the event loop. */
class LargePngPixels implements PngPixels {
  readonly #inflate: Inflate;
  readonly #ended: Promise<void>;
  readonly #expected: number;
  readonly #chunkBytes: number;
  #inflated = 0;
  #lastPart: Buffer | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(expected: number) {
    this.#expected = expected;
    // Each buffer of output wakes a thread up.
    this.#chunkBytes = Math.min(mostChunkBytes, expected + 1);
    this.#inflate = createInflate({ chunkSize: this.#chunkBytes });
    this.#inflate.on('data', (part: Buffer) => {
      this.#inflated += part.byteLength;
      // More than promised is damage too, and may never end.
      if (this.#inflated > this.#expected) this.#inflate.destroy();
      // A buffer with room left is still written to.
      if (part.byteOffset + part.byteLength === this.#chunkBytes) this.#free(part);
      this.#lastPart = part;
    });
    this.#ended = new Promise((resolve) => {
      // Damaged data also ends the stream; its length shows it.
      this.#inflate.once('error', () => resolve()).once('close', resolve);
    });
  }

  write(part: Uint8Array): void {
    this.#written = new Promise((resolve) => {
      if (this.#inflate.writable) this.#inflate.write(part, () => resolve());
      else resolve();
    });
  }

  async taken(): Promise<void> {
    await Promise.race([this.#written, this.#ended]);
  }

  async end(): Promise<boolean> {
    let isWhole = false;
    this.#inflate.once('end', () => {
      isWhole = this.#inflated === this.#expected;
      if (this.#lastPart !== undefined) this.#free(this.#lastPart);
    });
    if (this.#inflate.writable) this.#inflate.end();
    await this.#ended;
    return isWhole;
  }

  stop(): void {
    this.#inflate.destroy();
  }

  /** Frees the buffer of a part, which the stream does not use again. */
  #free({ buffer }: Buffer): void {
    // One of another length is not of this stream alone, or is free already.
    if (buffer.byteLength === this.#chunkBytes) freeMemory(new Uint8Array(buffer));
  }
}

/** The bytes of all rows, each with its filter type (https://www.w3.org/TR/png-3/#7Scanline). */
function inflatedLength(header: Uint8Array): number {
  const width = viewOf(header).getUint32(0);
  const height = viewOf(header).getUint32(4);
  const bits = (header[8] ?? 0) * (samples[header[9] ?? -1] ?? 0);
  const rows = (wide: number, high: number): number => (wide === 0 ? 0 : high * (1 + Math.ceil((wide * bits) / 8)));
  if (header[12] !== 1) return rows(width, height);
  return passes
    .map(([x, stepX, y, stepY]) =>
      rows(Math.ceil(Math.max(0, width - x) / stepX), Math.ceil(Math.max(0, height - y) / stepY)),
    )
    .reduce((sum, bytes) => sum + bytes);
}
