import { closeSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { ImageWarning } from '../contract/index.ts';
import { say } from './file-messages.ts';
import type { JobImages } from './job-images.ts';
import { storedPath } from './output-target.ts';
import type { OutputTarget } from './output-target.ts';

/**
 * Puts the files of a job that are not images beside its first image, under names that are free. One that cannot be put there is
 * removed and named: it never costs the images.
 * @returns What to warn of: the files, with their paths as the store keeps them.
 */
export function placeExtraFiles(
  images: JobImages,
  target: OutputTarget,
  folder: string | undefined,
): readonly ImageWarning[] {
  const files: NonNullable<ImageWarning['files']>[number][] = [];
  const warnings: ImageWarning[] = [];
  for (const [name, { temporaryPath = '', byteLength, sha256 }] of images.extraFiles()) {
    try {
      const path = storedPath(folder, moveToFreeName(temporaryPath, target, extensionOf(name)));
      files.push({ path, name, byteLength, sha256 });
    } catch (error) {
      const code = String((error as NodeJS.ErrnoException).code);
      warnings.push({ code: 'storage', ...say('extra-file-unwritten', { file: name, code }) });
    }
  }
  if (files.length > 0) {
    const paths = files.map(({ path }) => path).join(', ');
    warnings.push({ code: 'other', ...say('extra-files', { files: paths }), files });
  }
  return warnings;
}

/** The provider chooses it, so it is kept to what every file system takes. */
function extensionOf(name: string): string {
  const extension = extname(name).toLowerCase();
  return /^\.[a-z0-9]{1,16}$/.test(extension) ? extension : '.bin';
}

/** The empty file reserves the name: no other process can take it before the rename. */
function moveToFreeName(from: string, { directory, name }: OutputTarget, extension: string): string {
  for (let number = 1; ; number += 1) {
    const path = join(directory, `${name}${number === 1 ? '' : `-${number}`}${extension}`);
    try {
      closeSync(openSync(path, 'wx'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' && number < 1000) continue;
      unlinkSync(from);
      throw error;
    }
    renameSync(from, path);
    return path;
  }
}
