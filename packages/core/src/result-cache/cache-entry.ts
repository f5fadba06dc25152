import { isRecord } from '../internal/is-record.ts';
import type { FileHandle } from 'node:fs/promises';
import type { ImageWarning } from '../contract/index.ts';

/** One image of an entry. */
export interface CachedImage {
  /** Lowercase hex. */
  readonly sha256: string;
  readonly byteLength: number;
  readonly width: number;
  readonly height: number;
  readonly mediaType: string;
  readonly seed?: number;
  readonly revisedPrompt?: string;
}

/**
 * The header of an entry's file: one line of JSON, then the bytes of its images in order. An entry is one file, so that a rename
 * puts it in place at once, and an open one stays readable while it is evicted.
 */
export interface CacheHeader {
  readonly version: 1;
  readonly key: string;
  /** Name of the backend, for people. */
  readonly backend: string;
  readonly model: string;
  readonly images: readonly [CachedImage, ...CachedImage[]];
  /** The warnings of the first request. */
  readonly warnings: readonly ImageWarning[];
}

/** The longest header that is read, in bytes. */
const maxHeaderBytes = 256 * 1024;
const chunkBytes = 256 * 1024;
const newline = 0x0a;

/** @throws {RangeError} if the header is too long to be read again. */
export function encodeHeader(header: CacheHeader): Buffer {
  const encoded = Buffer.from(`${JSON.stringify(header)}\n`, 'utf8');
  if (encoded.byteLength > maxHeaderBytes) throw new RangeError('The header of the cache entry is too long.');
  return encoded;
}

/** The header of an open entry, and its length; undefined if the file is not a complete entry under this key. */
export async function readHeader(
  file: FileHandle,
  key: string,
): Promise<{ readonly header: CacheHeader; readonly headerBytes: number } | undefined> {
  const { size } = await file.stat();
  const start = Buffer.alloc(Math.min(size, maxHeaderBytes));
  const { bytesRead } = await file.read(start, 0, start.byteLength, 0);
  const end = start.subarray(0, bytesRead).indexOf(newline);
  if (end < 0) return undefined;
  let header: unknown;
  try {
    header = JSON.parse(start.toString('utf8', 0, end));
  } catch {
    return undefined;
  }
  if (!isHeader(header) || header.key !== key) return undefined;
  const imageBytes = header.images.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return end + 1 + imageBytes === size ? { header, headerBytes: end + 1 } : undefined;
}

/** The bytes of one image of an open entry. */
export async function* readImage(
  file: FileHandle,
  headerBytes: number,
  images: readonly CachedImage[],
  index: number,
): AsyncGenerator<Uint8Array> {
  let position = headerBytes + images.slice(0, index).reduce((sum, { byteLength }) => sum + byteLength, 0);
  let left = images[index]?.byteLength ?? 0;
  while (left > 0) {
    const chunk = Buffer.alloc(Math.min(left, chunkBytes));
    const { bytesRead } = await file.read(chunk, 0, chunk.byteLength, position);
    // Cut off meanwhile: the hash will show it.
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
    position += bytesRead;
    left -= bytesRead;
  }
}

function isHeader(value: unknown): value is CacheHeader {
  if (!isRecord(value) || value['version'] !== 1) return false;
  const { images, warnings, key } = value;
  return (
    typeof key === 'string' &&
    Array.isArray(warnings) &&
    warnings.every((warning) => isRecord(warning) && typeof warning['message'] === 'string') &&
    Array.isArray(images) &&
    images.length > 0 &&
    images.every(isImage)
  );
}

function isImage(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { sha256, byteLength, width, height, mediaType } = value;
  return (
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    typeof mediaType === 'string' &&
    [byteLength, width, height].every((number) => Number.isSafeInteger(number) && (number as number) > 0)
  );
}
