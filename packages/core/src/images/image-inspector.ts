import { createHash } from 'node:crypto';
import { ByteFeeder } from './byte-parser.ts';
import type { ImageInfo } from './image-info.ts';
import type { PixelListener } from './parse-png.ts';
import { infoOf, newSighting, parseImage } from './parse-image.ts';

/** An image whose bytes were all seen. */
export interface InspectedImage extends ImageInfo {
  /** Lowercase hex SHA-256 of all bytes. */
  readonly sha256: string;
  readonly byteLength: number;
}

/** `inspectImage` for a stream: any size of file in bounded memory. */
export class ImageWatch {
  readonly #sighting = newSighting();
  readonly #feeder: ByteFeeder;

  /** @param onPixels Hears of the pixels of a PNG, which are not judged here. */
  constructor(onPixels?: PixelListener) {
    this.#feeder = new ByteFeeder(parseImage(this.#sighting, onPixels));
  }

  /** Takes the next bytes; they are not kept. */
  write(chunk: Uint8Array): void {
    this.#feeder.write(chunk);
  }

  /** What was seen so far. Undefined = no known image, as with `inspectImage`. */
  get info(): ImageInfo | undefined {
    return infoOf(this.#sighting);
  }
}

/** `inspectImage` for a stream: any size of file in bounded memory, with its hash and length. */
export class ImageInspector {
  readonly #watch: ImageWatch;
  readonly #hash = createHash('sha256');
  #byteLength = 0;
  #sha256: string | undefined;

  /** @param onPixels Hears of the pixels of a PNG, which are not judged here. */
  constructor(onPixels?: PixelListener) {
    this.#watch = new ImageWatch(onPixels);
  }

  /** Bytes seen so far. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Lowercase hex SHA-256 of all bytes. Reading it ends the stream. */
  get sha256(): string {
    this.#sha256 ??= this.#hash.digest('hex');
    return this.#sha256;
  }

  /** Takes the next bytes; they are not kept. */
  write(chunk: Uint8Array): void {
    if (this.#sha256 !== undefined) throw new Error('The inspection has ended; nothing can be written to it.');
    this.#hash.update(chunk);
    this.#byteLength += chunk.byteLength;
    this.#watch.write(chunk);
  }

  /** Ends the stream. Undefined = no known image, as with `inspectImage`. */
  end(): InspectedImage | undefined {
    const { sha256, byteLength } = this;
    const { info } = this.#watch;
    return info === undefined ? undefined : { ...info, sha256, byteLength };
  }
}
