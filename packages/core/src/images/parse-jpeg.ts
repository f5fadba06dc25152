import { viewOf } from './byte-parser.ts';
import type { ByteParser } from './byte-parser.ts';
import type { ImageFacts } from './image-info.ts';

/**
 * JPEG after its first marker, SOI (ITU-T T.81 annex B). Thumbnails are inside APPn segments and skipped with them.
 * Complete = a frame header, scans with as many bits as the picture has blocks at least, and the marker EOI.
 */
export function* parseJpeg(facts: ImageFacts): ByteParser {
  let scans = 0;
  let scanned = 0;
  let isHuffman = false;
  for (;;) {
    // In a scan, 0xFF is followed by 0 (a data byte) or by a restart marker until the next real marker.
    yield {
      find: 0xff,
      passed: (bytes) => {
        scanned += bytes;
      },
    };
    let marker = (yield { take: 1 })[0] ?? 0;
    while (marker === 0xff) marker = (yield { take: 1 })[0] ?? 0;
    // A data byte that looks like a marker.
    if (marker === 0x00) scanned += 1;
    if (marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    if (marker === 0xd8) return;
    if (marker === 0xd9) {
      // Each block of 8x8 samples takes a bit of a Huffman code at least. Other codes have no such bound.
      facts.complete = scans > 0 && (!isHuffman || scanned >= Math.floor((facts.width * facts.height) / 64 / 8));
      return;
    }
    const length = viewOf(yield { take: 2 }).getUint16(0) - 2;
    if (length < 0) return;
    if (isFrameHeader(marker)) {
      if (length < 6) return;
      isHuffman = marker <= 0xc2;
      const data = viewOf(yield { take: 6 });
      facts.height = data.getUint16(1);
      facts.width = data.getUint16(3);
      yield { skip: length - 6 };
    } else if (marker === 0xdc && length === 2) {
      // DNL: the number of lines, if the frame header did not know it.
      facts.height = viewOf(yield { take: 2 }).getUint16(0);
    } else {
      yield { skip: length };
      if (marker === 0xda) scans += 1;
    }
  }
}

function isFrameHeader(marker: number): boolean {
  // 0xC4, 0xC8 and 0xCC are tables and an extension.
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
