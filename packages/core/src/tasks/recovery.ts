import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import PQueue from 'p-queue';
import { ImageError } from '../contract/index.ts';
import type { StoredImage, TaskRow } from '../stores/task-store.ts';
import type { GeneratedImage } from './generation-result.ts';
import { finishFiles } from './collect-job.ts';
import { restoredPath } from '../files/output-target.ts';
import { say } from './task-messages.ts';

/** Bounds the stored images that are read at once: a batch that runs again reads all of its images. */
const reading = new PQueue({ concurrency: 16 });

/**
 * The images of a `done` row if every file exists with the right bytes; else undefined.
 * @throws {ImageError} kind `storage`, outcome `accepted`, if a file exists but cannot be read.
 */
export async function imagesOnDisk(
  row: TaskRow,
  folder: string | undefined,
): Promise<readonly GeneratedImage[] | undefined> {
  const images: GeneratedImage[] = [];
  for (const { temporaryPath: _temporaryPath, path: place, ...image } of row.images ?? []) {
    const path = restoredPath(folder, place);
    if ((await hashOf(path)) !== image.sha256) return undefined;
    images.push({ ...image, path });
  }
  return images.length === 0 ? undefined : images;
}

/**
 * Finishes a `received` row offline, also after the provider's URL has expired. Undefined if neither the temporary nor the final
 * file has the right bytes.
 * @throws {ImageError} kind `storage`, outcome `accepted`, if a file exists but cannot be read or moved.
 */
export async function finishReceived(
  row: TaskRow,
  folder: string | undefined,
): Promise<readonly GeneratedImage[] | undefined> {
  const stored: StoredImage[] = [];
  for (const image of row.images ?? []) {
    const { temporaryPath, ...inPlace } = image;
    const unfinished = temporaryPath === undefined ? undefined : restoredPath(folder, temporaryPath);
    if (unfinished !== undefined && (await exists(unfinished)) && (await hashOf(unfinished)) === image.sha256)
      stored.push(image);
    else if ((await hashOf(restoredPath(folder, image.path))) === image.sha256) stored.push(inPlace);
    else return undefined;
  }
  return stored.length === 0 ? undefined : finishFiles(row, stored, folder);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The file does not exist. Other errors do not mean that the image is gone, which would pay for it again. */
const absentCodes: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']);

async function hashOf(path: string): Promise<string | undefined> {
  return reading.add(async () => {
    const hash = createHash('sha256');
    try {
      for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (absentCodes.has(code)) return undefined;
      throw unreadable(path, code ?? 'unknown error', error);
    }
    return hash.digest('hex');
  });
}

function unreadable(path: string, code: string, cause: unknown): ImageError {
  const said = say('image-unreadable', { path, code });
  return new ImageError({ kind: 'storage', outcome: 'accepted', retryable: true, code, ...said, cause });
}
