import { open, rename, writeFile } from 'node:fs/promises';

const pngStart = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * What a careful loop around an SDK does with an image: checks its first and last bytes and writes it by rename. `sync`: a more
 * careful one syncs the file before.
 */
export async function checkAndWrite(bytes: Buffer, file: string | undefined, sync: boolean): Promise<number> {
  if (!bytes.subarray(0, 8).equals(pngStart) || bytes.subarray(-8, -4).toString('latin1') !== 'IEND') {
    throw new Error('This is not a whole PNG.');
  }
  if (file !== undefined) {
    const part = await open(`${file}.part`, 'w');
    try {
      await writeFile(part, bytes);
      if (sync) await part.sync();
    } finally {
      await part.close();
    }
    await rename(`${file}.part`, file);
  }
  return bytes.length;
}
