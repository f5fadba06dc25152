import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { makeFolder } from '../internal/make-folder.ts';
import { sha256Hex } from '../request/canonical-json.ts';
import { storageError } from '../tasks/as-image-error.ts';

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
  /** With its dot, as the caller wrote it; absent = from the image's type. */
  readonly extension?: string;
}

/** The target of a task, from its path or its id; undefined if the result contains the bytes. */
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

/** Every path at which an image of the task may come to lie: by all extensions where the bytes are yet to decide. */
export function possiblePaths(target: OutputTarget, count: number): readonly string[] {
  const types = target.extension === undefined ? Object.keys(extensions) : ['image/png'];
  return Array.from({ length: count }, (_, index) => types.map((type) => imagePath(target, index, type))).flat();
}

/** Whether both are the same name in the same folder, or no file. */
export function isSameTarget(one: OutputTarget | undefined, other: OutputTarget | undefined): boolean {
  return one?.directory === other?.directory && one?.name === other?.name;
}

/** A key that is equal for targets with the same file. Windows and macOS ignore case. */
export function placeOf({ directory, name, extension = '' }: OutputTarget): string {
  const path = join(directory, name + extension);
  return process.platform === 'linux' ? path : path.normalize('NFC').toLowerCase();
}

/** Whether the caller's extension differs from the image's type. */
export function extensionDiffers(target: OutputTarget, mediaType: string): boolean {
  const asked = target.extension
    ?.toLowerCase()
    .replace('.jpeg', '.jpg')
    .replace('.tif', '.tiff')
    .replace('.tifff', '.tiff');
  return asked !== undefined && asked !== extensions[mediaType];
}

/** The path of an unfinished image. */
export function temporaryPath(target: OutputTarget, key: string, index: number | string): string {
  return join(target.directory, `.${key}-${index}.part`);
}

/** A path inside the store's folder, relative to it and with `/`, so that the folder can be moved; else unchanged. */
export function storedPath(folder: string | undefined, path: string): string {
  if (folder === undefined) return path;
  const inside = relative(folder, path);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside.split(sep).join('/');
}

export function restoredPath(folder: string | undefined, path: string): string {
  return folder === undefined || isAbsolute(path) ? path : join(folder, ...path.split('/'));
}

/** Creates the folder before anything is sent. */
export async function prepareTarget(target: OutputTarget): Promise<void> {
  try {
    if (!isFolder(target.directory)) await makeFolder(target.directory);
  } catch (error) {
    throw storageError(error, target.directory, 'not-submitted');
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // Creating it reports the reason.
    return false;
  }
}

/**
 * Called before a submission: refuses a path that is a folder, or a name that is too long, because the paid image could not be
 * written there.
 * @throws {ImageError} kind `storage`, outcome `not-submitted`.
 */
export function refuseImpossiblePlace(target: OutputTarget, count: number): void {
  const path = imagePath(target, count - 1, 'image/png');
  let inTheWay: Stats | undefined;
  try {
    inTheWay = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENAMETOOLONG') throw storageError(error, path, 'not-submitted');
  }
  if (target.extension === undefined) return;
  if (inTheWay?.isDirectory() === true)
    throw storageError(Object.assign(new Error('is a folder'), { code: 'EISDIR' }), path, 'not-submitted');
}

/** A file name from an id, which may contain any characters. */
function fileNameOf(taskId: string): string {
  const safe = taskId
    .normalize('NFC')
    .replaceAll(/[\p{Cc}<>:"/\\|?*]+/gu, '-')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  if (safe === taskId && Buffer.byteLength(safe) <= longestNameBytes && !deviceName.test(safe)) return safe;
  return `${beginning(safe, 180)}-${sha256Hex(taskId).slice(0, 8)}`;
}

/** File systems allow names of 255 bytes or code units; a number and an extension follow. */
const longestNameBytes = 200;
/** Names that Windows reserves for devices, with any extension. */
const deviceName = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** The longest start of a text with at most this many bytes, without cutting a character. */
function beginning(text: string, bytes: number): string {
  let start = '';
  for (const character of text) {
    if (Buffer.byteLength(start + character) > bytes) break;
    start += character;
  }
  return start;
}

/** The target of a stored row. */
export function targetOfRow(
  outputPath: string | undefined,
  folder: string | undefined,
  taskId: string,
): OutputTarget | undefined {
  if (outputPath === undefined) return undefined;
  const target = outputTarget(restoredPath(folder, outputPath), undefined, taskId);
  const fileName = basename(outputPath);
  // A name that was made from an id has no extension, although the id may contain a dot.
  const isMade =
    fileName === fileNameOf(taskId) && !Object.values(extensions).includes(extname(fileName).toLowerCase());
  return target === undefined || !isMade ? target : { directory: target.directory, name: fileName };
}
