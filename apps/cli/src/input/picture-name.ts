import { extname } from 'node:path';

import type { ImageFormat } from '@holodeck/core';

import { messages } from '../messages/messages.ts';

const formats: Readonly<Record<string, ImageFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
};
/** Pictures that no backend makes. */
const otherExtensions = ['.gif', '.bmp', '.tif', '.tiff', '.avif', '.heic', '.svg', '.ico', '.jxl', '.jfif'];

/** Whether a path names a picture, and not a folder. */
export function namesPicture(path: string): boolean {
  const extension = extname(path).toLowerCase();
  return Object.hasOwn(formats, extension) || otherExtensions.includes(extension);
}

/**
 * What is wrong with the name of a picture, found before it is paid for: its extension is not that of a format that can come.
 *
 * @param format The format that is asked for. Default: the backend's own, which is known only afterwards.
 */
export function pictureNameProblem(path: string, format?: ImageFormat): string | undefined {
  const extension = extname(path).toLowerCase();
  const { errors } = messages();
  if (otherExtensions.includes(extension)) return errors.pictureName(path, extension);
  const named = Object.hasOwn(formats, extension) ? formats[extension] : undefined;
  const differs = format !== undefined && named !== undefined && named !== format;
  return differs ? errors.formatDiffers(path, format) : undefined;
}
