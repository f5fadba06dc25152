import { readFile } from 'node:fs/promises';

/**
 * The picture as PNG bytes when it is not one already, so that a file that is called `.png` is one; undefined when it is.
 * Lossless.
 */
export async function toPng(path: string, mediaType: string): Promise<Uint8Array | undefined> {
  if (mediaType === 'image/png') return undefined;
  const { default: sharp } = await import('sharp');
  return sharp(await readFile(path))
    .png()
    .toBuffer();
}
