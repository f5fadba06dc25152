import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ImageError } from '../contract/index.ts';
import type { PreparedReference, ReferenceInput } from '../contract/index.ts';
import { inspectImage } from '../images/index.ts';

function invalid(message: string, cause?: unknown): ImageError {
  return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', message, cause });
}

/**
 * Reads, judges and hashes one reference picture.
 * @throws {ImageError} kind `invalid-request` when it cannot be read or is no whole picture.
 */
export async function prepareReference(input: ReferenceInput, index: number): Promise<PreparedReference> {
  const name = `Reference ${index + 1}`;
  if ((input.path === undefined) === (input.bytes === undefined)) {
    throw invalid(`${name} needs exactly one of "path" and "bytes".`);
  }
  if (input.path !== undefined && /^(?:https?|file|data):/i.test(input.path)) {
    throw invalid(
      `${name} is an address (URL), not a path. Save the picture to a file and give its path, or its bytes.`,
    );
  }
  const role = input.role ?? 'style';
  if (role !== 'style' && role !== 'init')
    throw invalid(`${name} has the role ${JSON.stringify(role)}; use "style" or "init".`);
  const path = input.path === undefined ? undefined : resolve(input.path);
  const bytes = path === undefined ? Uint8Array.from(input.bytes as Uint8Array) : await read(path, name);
  const info = inspectImage(bytes);
  const what = path === undefined ? name : `${name} (${path})`;
  if (info === undefined)
    throw invalid(`${what} is not a picture that is known here (PNG, JPEG, WebP, GIF, BMP, TIFF).`);
  if (!info.complete) throw invalid(`${what} is cut short or damaged. Save it again.`);
  const sha256 = hash(bytes);
  return {
    role,
    sha256,
    mediaType: info.mediaType,
    width: info.width,
    height: info.height,
    byteLength: bytes.byteLength,
    ...(path === undefined ? {} : { path }),
    async read() {
      if (path === undefined) return bytes;
      const again = await read(path, name);
      if (hash(again) === sha256) return again;
      throw invalid(`${what} has changed since the task began. Start the task again.`);
    },
  };
}

async function read(path: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw invalid(`${name} cannot be read: ${path} (${code}). Check the path and its permissions.`, error);
  }
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
