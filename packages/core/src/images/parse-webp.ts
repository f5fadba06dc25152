import { textOf, viewOf } from './byte-parser.ts';
import type { ByteParser } from './byte-parser.ts';
import type { ImageFacts } from './image-info.ts';

/**
 * WebP after `RIFF`, its size and `WEBP` (https://developers.google.com/speed/webp/docs/riff_container). Complete = all
 * chunks of the container are there, and one has pixels.
 */
export function* parseWebp(facts: ImageFacts, riffSize: number): ByteParser {
  let left = riffSize - 4;
  let hasPixels = false;
  let extended = false;
  while (left >= 8) {
    const head = yield { take: 8 };
    const type = textOf(head.subarray(0, 4));
    const length = viewOf(head).getUint32(4, true);
    left -= 8;
    let unread = length;
    if (type === 'VP8X' || type === 'VP8 ' || type === 'VP8L') {
      const data = yield { take: Math.min(length, 10) };
      unread -= data.byteLength;
      if (data.byteLength < (type === 'VP8L' ? 5 : 10)) return;
      if (type === 'VP8X') {
        extended = true;
        readExtended(data, facts);
      } else if (type === 'VP8 ') {
        if (data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a) return;
        // A key frame whose first partition ends within its chunk (RFC 6386, 9.1).
        const tag = (data[0] ?? 0) | ((data[1] ?? 0) << 8) | ((data[2] ?? 0) << 16);
        if ((tag & 1) === 1 || 10 + (tag >> 5) > length) return;
        if (!extended)
          setSize(facts, viewOf(data).getUint16(6, true) & 0x3fff, viewOf(data).getUint16(8, true) & 0x3fff);
      } else {
        if (data[0] !== 0x2f) return;
        if (!extended) readLossless(data, facts);
      }
    }
    // A chunk that exceeds its container is cut off, wherever the file ends.
    if (length > left) return;
    yield { skip: unread };
    left -= length;
    if (type === 'VP8 ' || type === 'VP8L' || type === 'ANMF') hasPixels = true;
    if (type === 'ALPH') facts.hasAlpha = true;
    // Chunks are padded to an even length; some writers omit the last pad byte.
    if (length % 2 === 1 && left > 0) {
      yield { skip: 1 };
      left -= 1;
    }
  }
  facts.complete = hasPixels;
}

function readExtended(data: Uint8Array, facts: ImageFacts): void {
  facts.hasAlpha = ((data[0] ?? 0) & 0x10) !== 0;
  const view = viewOf(data);
  setSize(facts, (view.getUint32(3, true) >>> 8) + 1, (view.getUint16(7, true) | ((data[9] ?? 0) << 16)) + 1);
}

function readLossless(data: Uint8Array, facts: ImageFacts): void {
  const bits = viewOf(data).getUint32(1, true);
  setSize(facts, (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  facts.hasAlpha = ((bits >>> 28) & 1) === 1;
}

function setSize(facts: ImageFacts, width: number, height: number): void {
  facts.width = width;
  facts.height = height;
}
