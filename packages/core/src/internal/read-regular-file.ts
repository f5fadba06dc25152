import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** How many bytes are read at once. */
const pieceBytes = 1024 * 1024;

/**
 * Reads a whole file that a user named. A pipe or a device is refused without waiting for it, because the wait would take one of
 * the few threads that all file operations share; a file that is too large is refused before it is read.
 * @throws An `Error` with a `code`: `ENOTREG` where it is not a regular file, `EFBIG` above `maxBytes`, or the system's own.
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<Uint8Array> {
  // Windows has no such flag, and no pipes among its files.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw Object.assign(new Error('It is a folder.'), { code: 'EISDIR' });
    if (!stats.isFile()) throw Object.assign(new Error('It is not a regular file.'), { code: 'ENOTREG' });
    const pieces: Uint8Array[] = [];
    let read = 0;
    // A file may grow while it is read, so its size alone is not a bound.
    while (Math.max(stats.size, read) <= maxBytes) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(pieceBytes, maxBytes + 1)));
      if (bytesRead === 0) return Buffer.concat(pieces);
      pieces.push(buffer.subarray(0, bytesRead));
      read += bytesRead;
    }
    throw Object.assign(new Error(`It has more than ${maxBytes} bytes.`), { code: 'EFBIG' });
  } finally {
    await handle.close();
  }
}

/** The largest picture that is read for the user, in bytes. */
export const maxPictureBytes: number = 64 * 1024 * 1024;
