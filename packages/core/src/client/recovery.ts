import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import type { StoredImage, TaskRow } from '../stores/task-store.ts';
import type { GeneratedImage } from './generation-result.ts';
import { finishFiles } from './collection.ts';
import { restoredPath } from './output-target.ts';

/** The images of a `done` row if every file is there with the right bytes; else undefined. */
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
 * Finishes a `received` row without asking anybody, also after the provider's URL has expired. Undefined when neither the
 * temporary file nor the finished one has the right bytes.
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

async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
