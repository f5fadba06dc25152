import { readJpegMetadata, writeJpegMetadata } from './jpeg-metadata.ts';
import type { ExifFields } from './exif-fields.ts';
import { readPngMetadata, writePngMetadata } from './png-metadata.ts';
import { readWebpMetadata, writeWebpMetadata } from './webp-metadata.ts';

/** What a picture file carries about its making, as it stands in the file. */
export interface PictureMetadata {
  /** Of PNG: the text with the keyword `AIGC`. */
  readonly aigcText?: string;
  /** The XMP packet. */
  readonly xmp?: string;
  /** The EXIF fields about the making. */
  readonly exif?: ExifFields;
  /** Whether there is a C2PA manifest. It signs the bytes of its file, so that it cannot go along to another. */
  readonly c2pa?: true;
}

/**
 * Reads what a PNG, JPEG or WebP file carries about its making. Nothing for other files; broken parts, and those
 * of more than 128 KiB, count as absent. Never throws.
 */
export function readMetadata(bytes: Uint8Array): PictureMetadata {
  try {
    return formatOf(bytes)?.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) ?? {};
  } catch {
    return {};
  }
}

/** The same picture with this metadata and no other of its kinds; the pixels stay as they are. Broken files stay unchanged. */
export function writeMetadata(bytes: Uint8Array, metadata: PictureMetadata): Uint8Array {
  try {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return formatOf(bytes)?.write(file, metadata) ?? bytes;
  } catch {
    return bytes;
  }
}

interface Format {
  readonly read: (file: Buffer) => PictureMetadata;
  readonly write: (file: Buffer, metadata: PictureMetadata) => Buffer;
}

const formats: readonly (Format & { readonly start: RegExp })[] = [
  { start: /^\x89PNG\r\n/, read: readPngMetadata, write: writePngMetadata },
  { start: /^\xff\xd8\xff/, read: readJpegMetadata, write: writeJpegMetadata },
  { start: /^RIFF[^]{4}WEBP/, read: readWebpMetadata, write: writeWebpMetadata },
];

function formatOf(bytes: Uint8Array): Format | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  return formats.find((format) => format.start.test(start));
}
