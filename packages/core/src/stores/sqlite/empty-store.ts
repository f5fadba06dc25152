import { readdir, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createStorageError } from '../storage-error.ts';
import { say } from '../store-messages.ts';

const pictures = /\.(?:png|jpe?g|webp)$/i;
/** A process that makes the store creates the file first and fills it at once. */
const waitMs = 50;
const maxLooks = 20;

/**
 * Refuses an empty file beside pictures: a store was there, and a new one in its place would forget what is paid for.
 * @throws {ImageError} kind `storage`.
 */
export async function refuseEmptyStore(file: string, folder: string): Promise<void> {
  for (let looks = 0; await isEmpty(file); looks += 1) {
    if (looks === 0 && !(await hasPictures(folder))) return;
    if (looks === maxLooks) throw createStorageError(say('store-empty', { path: file }));
    await sleep(waitMs);
  }
}

async function isEmpty(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.size === 0;
}

async function hasPictures(folder: string): Promise<boolean> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.some((name) => pictures.test(name));
}
