import { viewOf } from './byte-parser.ts';
import type { ByteParser } from './byte-parser.ts';
import type { ImageFacts } from './image-info.ts';

const fileHeaderLength = 14;

/**
 * BMP after `BM` (https://learn.microsoft.com/windows/win32/gdi/bitmap-storage). Complete = as long as the file header says,
 * and long enough for uncompressed pixels.
 */
export function* parseBmp(facts: ImageFacts): ByteParser {
  const file = viewOf(yield { take: 12 });
  const fileLength = file.getUint32(0, true);
  const pixelOffset = file.getUint32(8, true);
  const headerLength = viewOf(yield { take: 4 }).getUint32(0, true);
  if (headerLength !== 12 && (headerLength < 16 || headerLength > 1024)) return;
  const header = viewOf(yield { take: headerLength - 4 });
  const old = headerLength === 12;
  const width = old ? header.getUint16(0, true) : header.getInt32(0, true);
  // A negative height means that the rows start at the top.
  const height = old ? header.getUint16(2, true) : Math.abs(header.getInt32(4, true));
  const bits = header.getUint16(old ? 6 : 10, true);
  const compression = headerLength >= 20 ? header.getUint32(12, true) : 0;
  if (width < 1 || bits > 32) return;
  facts.width = width;
  facts.height = height;
  facts.hasAlpha = headerLength >= 56 && bits === 32 && header.getUint32(48, true) !== 0;
  const plain = compression === 0 || compression === 3 || compression === 6;
  const pixelLength = plain ? Math.ceil((width * bits) / 32) * 4 * height : 0;
  const end = Math.max(fileLength, pixelOffset + pixelLength);
  yield { skip: Math.max(0, end - fileHeaderLength - headerLength) };
  facts.complete = plain || fileLength > fileHeaderLength + headerLength;
}
