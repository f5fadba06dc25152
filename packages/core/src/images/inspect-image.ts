import { ByteFeeder } from './byte-parser.ts';
import type { ImageInfo } from './image-info.ts';
import { infoOf, newSighting, parseImage } from './parse-image.ts';

/**
 * Judges an encoded picture by its own bytes, never by a header or a file name: PNG, JPEG, WebP, GIF, BMP and TIFF.
 * Undefined = none of these, or cut before its size is known, or without any pixel.
 */
export function inspectImage(bytes: Uint8Array): ImageInfo | undefined {
  const sighting = newSighting();
  new ByteFeeder(parseImage(sighting)).write(bytes);
  return infoOf(sighting);
}
