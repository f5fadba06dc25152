import { createInflate } from 'node:zlib';
import type { Inflate } from 'node:zlib';
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

const smallestChunk = 1024;
const largestChunk = 256 * 1024;

/** Checks that the pixel data of a PNG inflates to the size that its header promises. Runs off the event loop and keeps no pixels. */
export class PngPixels {
  readonly #inflate: Inflate;
  readonly #ended: Promise<void>;
  readonly #expected: number;
  #inflated = 0;
  #written: Promise<void> = Promise.resolve();

  /** @param header The data of the IHDR chunk: 13 bytes. */
  constructor(header: Uint8Array) {
    this.#expected = inflatedLength(header);
    // A buffer no larger than a small picture needs: many of 256 KiB keep the garbage collector busy.
    this.#inflate = createInflate({ chunkSize: Math.min(largestChunk, Math.max(smallestChunk, this.#expected + 1)) });
    this.#inflate.on('data', (part: Buffer) => {
      this.#inflated += part.byteLength;
      // More than promised is damage too, and may never end.
      if (this.#inflated > this.#expected) this.#inflate.destroy();
    });
    this.#ended = new Promise((resolve) => {
      // Damaged data also ends the stream; its length shows it.
      this.#inflate.once('error', () => resolve()).once('close', resolve);
    });
  }

  /** Takes the next data of the IDAT chunks. Do not change the bytes before `taken`. */
  write(part: Uint8Array): void {
    this.#written = new Promise((resolve) => {
      if (this.#inflate.writable) this.#inflate.write(part, () => resolve());
      else resolve();
    });
  }

  /** Resolves when all written bytes are read. */
  async taken(): Promise<void> {
    await Promise.race([this.#written, this.#ended]);
  }

  /** Ends the data. True if it was complete. */
  async end(): Promise<boolean> {
    let isWhole = false;
    this.#inflate.once('end', () => {
      isWhole = this.#inflated === this.#expected;
    });
    if (this.#inflate.writable) this.#inflate.end();
    await this.#ended;
    return isWhole;
  }

  stop(): void {
    this.#inflate.destroy();
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
