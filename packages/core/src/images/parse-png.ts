import { crc32 } from 'node:zlib';
import { textOf, viewOf } from './byte-parser.ts';
import type { ByteParser } from './byte-parser.ts';
import type { ImageFacts } from './image-info.ts';

/** Receives the header and the pixel data of a PNG. Copy them to keep them: they belong to the stream. */
export interface PixelListener {
  header(data: Uint8Array): void;
  data(part: Uint8Array): void;
}

/**
 * PNG after its signature: chunks with a CRC each, IHDR first, IEND last (https://www.w3.org/TR/png-3/#5DataRep). Complete
 * = every CRC is right, with pixels and IEND.
 */
export function* parsePng(facts: ImageFacts, onPixels?: PixelListener): ByteParser {
  let hasPixels = false;
  for (let first = true; ; first = false) {
    const head = yield { take: 8 };
    const length = viewOf(head).getUint32(0);
    const type = textOf(head.subarray(4));
    if (first !== (type === 'IHDR') || length > 0x7fffffff || !/^[A-Za-z]{4}$/.test(type)) return;
    let crc = crc32(head.subarray(4));
    if (type === 'IHDR') {
      if (length !== 13) return;
      const data = yield { take: length };
      crc = crc32(data, crc);
      facts.width = viewOf(data).getUint32(0);
      facts.height = viewOf(data).getUint32(4);
      facts.hasAlpha = data[9] === 4 || data[9] === 6;
      onPixels?.header(data);
    } else {
      yield {
        skip: length,
        visit: (part) => {
          crc = crc32(part, crc);
          if (type === 'IDAT' && part.byteLength > 0) onPixels?.data(part);
        },
      };
    }
    if (viewOf(yield { take: 4 }).getUint32(0) !== crc) return;
    if (type === 'tRNS') facts.hasAlpha = true;
    if (type === 'IDAT' && length > 0) hasPixels = true;
    if (type === 'IEND') {
      facts.complete = hasPixels && length === 0;
      return;
    }
  }
}
