import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { sha256Hex } from './canonical-json.ts';
import { storageError } from './as-image-error.ts';

const extensions: Readonly<Record<string, string>> = {
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'image/webp': '.webp',
  'image/gif': '.gif',
  'image/bmp': '.bmp',
  'image/tiff': '.tiff',
};

/** Where the images of one task go. */
export interface OutputTarget {
  /** Absolute. */
  readonly directory: string;
  /** Without extension. */
  readonly name: string;
  /** With its dot, as the caller wrote it; absent = by what the bytes are. */
  readonly extension?: string;
}

/** The target that a task's path names, or the one made from its id; undefined when the result carries the bytes. */
export function outputTarget(
  outputPath: string | undefined,
  outputDir: string | undefined,
  taskId: string,
): OutputTarget | undefined {
  if (outputPath !== undefined) {
    const path = resolve(outputDir ?? '.', outputPath);
    const extension = extname(path);
    return { directory: dirname(path), name: basename(path, extension), ...(extension === '' ? {} : { extension }) };
  }
  if (outputDir === undefined) return undefined;
  return { directory: resolve(outputDir), name: fileNameOf(taskId) };
}

/** The path of the image at this index: `name.png`, `name-2.png`, ... */
export function imagePath(target: OutputTarget, index: number, mediaType: string): string {
  const extension = target.extension ?? extensions[mediaType] ?? '.img';
  return join(target.directory, `${target.name}${index === 0 ? '' : `-${index + 1}`}${extension}`);
}

/** Whether the name that the caller chose says something else than the bytes. */
export function extensionDiffers(target: OutputTarget, mediaType: string): boolean {
  const asked = target.extension
    ?.toLowerCase()
    .replace('.jpeg', '.jpg')
    .replace('.tif', '.tiff')
    .replace('.tifff', '.tiff');
  return asked !== undefined && asked !== extensions[mediaType];
}

/** Where an unfinished image lies until it is whole. */
export function temporaryPath(target: OutputTarget, key: string, index: number): string {
  return join(target.directory, `.${key}-${index}.part`);
}

/** Relative to the store's folder, with `/`, where the path is inside it: so that a folder can be moved. */
export function storedPath(folder: string | undefined, path: string): string {
  if (folder === undefined) return path;
  const inside = relative(folder, path);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside.split(sep).join('/');
}

export function restoredPath(folder: string | undefined, path: string): string {
  return folder === undefined || isAbsolute(path) ? path : join(folder, ...path.split('/'));
}

/** Makes the folder, before anything is sent. */
export async function prepareTarget(target: OutputTarget): Promise<void> {
  try {
    await mkdir(target.directory, { recursive: true });
  } catch (error) {
    throw storageError(error, target.directory, 'not-submitted');
  }
}

/**
 * Before a submission: an image whose place is taken by a folder would be paid for and could not be put there.
 * @throws {ImageError} kind `storage`, outcome `not-submitted`.
 */
export async function refuseFolderInPlace(target: OutputTarget): Promise<void> {
  if (target.extension === undefined) return;
  const path = imagePath(target, 0, '');
  const inTheWay = await stat(path).catch(() => undefined);
  if (inTheWay?.isDirectory() === true)
    throw storageError(Object.assign(new Error('is a folder'), { code: 'EISDIR' }), path, 'not-submitted');
}

/** Ids may hold anything; file names may not. */
function fileNameOf(taskId: string): string {
  const safe = taskId
    .normalize('NFC')
    .replaceAll(/[\p{Cc}<>:"/\\|?*]+/gu, '-')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  if (safe === taskId && safe.length <= 100) return safe;
  const start = Array.from(safe).slice(0, 60).join('');
  return `${start}-${sha256Hex(taskId).slice(0, 8)}`;
}

/** The target of a stored row. */
export function targetOfRow(
  outputPath: string | undefined,
  folder: string | undefined,
  taskId: string,
): OutputTarget | undefined {
  return outputPath === undefined ? undefined : outputTarget(restoredPath(folder, outputPath), undefined, taskId);
}
