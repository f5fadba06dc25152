import { textOf, viewOf } from './byte-parser.ts';
import type { ByteParser } from './byte-parser.ts';
import type { ImageFacts, ImageInfo, ImageMediaType } from './image-info.ts';
import { parseBmp } from './parse-bmp.ts';
import { parseGif } from './parse-gif.ts';
import { parseJpeg } from './parse-jpeg.ts';
import { parsePng } from './parse-png.ts';
import type { PixelListener } from './parse-png.ts';
import { parseTiff } from './parse-tiff.ts';
import { parseWebp } from './parse-webp.ts';

/** What is known about a stream that may be an image. */
export interface ImageSighting extends ImageFacts {
  mediaType: ImageMediaType | undefined;
}

export function newSighting(): ImageSighting {
  return { mediaType: undefined, width: 0, height: 0, hasAlpha: false, complete: false };
}

/** Recognises a file by its first bytes and follows its structure to the end. */
export function* parseImage(sighting: ImageSighting, onPixels?: PixelListener): ByteParser {
  const start = yield { take: 2 };
  const magic = textOf(start);
  if (magic === 'BM') {
    sighting.mediaType = 'image/bmp';
    yield* parseBmp(sighting);
  } else if (start[0] === 0xff && start[1] === 0xd8) {
    sighting.mediaType = 'image/jpeg';
    yield* parseJpeg(sighting);
  } else if (magic === 'II' || magic === 'MM') {
    const littleEndian = magic === 'II';
    if (viewOf(yield { take: 2 }).getUint16(0, littleEndian) !== 42) return;
    sighting.mediaType = 'image/tiff';
    yield* parseTiff(sighting, littleEndian);
  } else if (start[0] === 0x89 && start[1] === 0x50) {
    if (textOf(yield { take: 6 }) !== 'NG\r\n\x1a\n') return;
    sighting.mediaType = 'image/png';
    yield* parsePng(sighting, onPixels);
  } else if (magic === 'GI') {
    if (!/^F8[79]a$/.test(textOf(yield { take: 4 }))) return;
    sighting.mediaType = 'image/gif';
    yield* parseGif(sighting);
  } else if (magic === 'RI') {
    const head = yield { take: 10 };
    if (textOf(head.subarray(0, 2)) !== 'FF' || textOf(head.subarray(6)) !== 'WEBP') return;
    sighting.mediaType = 'image/webp';
    yield* parseWebp(sighting, viewOf(head).getUint32(2, true));
  }
}

/** The result of a parse; undefined if no image with a size was found. */
export function infoOf(sighting: ImageSighting): ImageInfo | undefined {
  const { mediaType, width, height, hasAlpha, complete } = sighting;
  if (mediaType === undefined || width < 1 || height < 1) return undefined;
  return { mediaType, width, height, hasAlpha, complete };
}
