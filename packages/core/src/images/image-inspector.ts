import { createHash } from 'node:crypto';
import { ByteFeeder } from './byte-parser.ts';
import type { ImageInfo } from './image-info.ts';
import type { PixelListener } from './parse-png.ts';
import { infoOf, newSighting, parseImage } from './parse-image.ts';

/** A whole image. */
export interface InspectedImage extends ImageInfo {
  /** Lowercase hex SHA-256 of all bytes. */
  readonly sha256: string;
  readonly byteLength: number;
}

/**
 * Inspects an encoded picture by its bytes, never by a header or a file name: PNG, JPEG, WebP, GIF, BMP and TIFF.
 * Undefined = none of these, or cut off before its size, or without pixels.
 */
export function inspectImage(bytes: Uint8Array): ImageInfo | undefined {
  const watch = new ImageWatch();
  watch.write(bytes);
  return watch.info;
}

/** `inspectImage` for a stream of any size, in bounded memory. */
export class ImageWatch {
  readonly #sighting = newSighting();
  readonly #feeder: ByteFeeder;

  /** @param onPixels Receives the pixel data of a PNG, which is not checked here. */
  constructor(onPixels?: PixelListener) {
    this.#feeder = new ByteFeeder(parseImage(this.#sighting, onPixels));
  }

  /** Takes the next bytes, without keeping them. */
  write(chunk: Uint8Array): void {
    this.#feeder.write(chunk);
  }

  /** What was found so far. Undefined = not a known image, as with `inspectImage`. */
  get info(): ImageInfo | undefined {
    return infoOf(this.#sighting);
  }
}

/** `ImageWatch` with hash and length. */
export class ImageInspector {
  readonly #watch: ImageWatch;
  readonly #hash = createHash('sha256');
  #byteLength = 0;
  #sha256: string | undefined;

  /** @param onPixels Receives the pixel data of a PNG, which is not checked here. */
  constructor(onPixels?: PixelListener) {
    this.#watch = new ImageWatch(onPixels);
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /** Lowercase hex SHA-256 of all bytes. Reading it ends the stream. */
  get sha256(): string {
    this.#sha256 ??= this.#hash.digest('hex');
    return this.#sha256;
  }

  write(chunk: Uint8Array): void {
    if (this.#sha256 !== undefined) throw new Error('The inspection has ended; nothing can be written to it.');
    this.#hash.update(chunk);
    this.#byteLength += chunk.byteLength;
    this.#watch.write(chunk);
  }

  /** Ends the stream. Undefined = not a known image, as with `inspectImage`. */
  end(): InspectedImage | undefined {
    const { sha256, byteLength } = this;
    const { info } = this.#watch;
    return info === undefined ? undefined : { ...info, sha256, byteLength };
  }
}
