import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';

/** The largest picture that is read for the user, in bytes. */
export const maxPictureBytes: number = 64 * 1024 * 1024;

/** The largest text that is read for the user, in bytes: settings, lists of objects, workflows, manifests. */
export const maxTextBytes: number = 64 * 1024 * 1024;

/** How many bytes are read at once. */
const pieceBytes = 1024 * 1024;

/** Opening a pipe otherwise waits for its writer. Windows has no such flag, and no pipes among its files. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a whole file that a user named. A pipe or a device is refused without waiting for it, because the wait would take one of
 * the few threads that all file operations share; a file that is too large is refused before it is read.
 * @param signal Ends the reading between two pieces of 1 MiB.
 * @throws An `Error` with a `code`: `ENOTREG` where it is not a regular file, `EFBIG` above `maxBytes`, or the system's own; the
 *   signal's reason if it is aborted.
 */
export async function readRegularFile(path: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const handle = await open(path, flags);
  try {
    const pieces = new Pieces(await handle.stat(), maxBytes);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead, buffer } = await handle.read(pieces.room());
      if (pieces.isLast(buffer.subarray(0, bytesRead))) return pieces.whole();
    }
  } finally {
    await handle.close();
  }
}

/**
 * `readRegularFile` for settings that are needed at once, as text. A byte-order mark of UTF-8 is stripped.
 * @param maxBytes Default `maxTextBytes`.
 * @throws As `readRegularFile`.
 */
export function readTextFile(path: string, maxBytes: number = maxTextBytes): string {
  return new TextDecoder().decode(readRegularFileNow(path, maxBytes));
}

/** `readRegularFile` in one turn of the event loop. @throws As `readRegularFile`. */
export function readRegularFileNow(path: string, maxBytes: number): Uint8Array {
  const file = openSync(path, flags);
  try {
    const pieces = new Pieces(fstatSync(file), maxBytes);
    for (;;) {
      const room = pieces.room();
      if (pieces.isLast(room.subarray(0, readSync(file, room)))) return pieces.whole();
    }
  } finally {
    closeSync(file);
  }
}

/** What was read of a file so far. A file may grow while it is read, so its size alone is not a bound. */
class Pieces {
  readonly #maxBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #read = 0;

  constructor(stats: Stats, maxBytes: number) {
    if (stats.isDirectory()) throw Object.assign(new Error('It is a folder.'), { code: 'EISDIR' });
    if (!stats.isFile()) throw Object.assign(new Error('It is not a regular file.'), { code: 'ENOTREG' });
    this.#maxBytes = maxBytes;
    this.#bound(stats.size);
  }

  room(): Buffer {
    return Buffer.alloc(Math.min(pieceBytes, this.#maxBytes + 1));
  }

  /** Takes what was read; an empty piece is the end. */
  isLast(piece: Uint8Array): boolean {
    this.#pieces.push(piece);
    this.#bound((this.#read += piece.byteLength));
    return piece.byteLength === 0;
  }

  whole(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }

  #bound(bytes: number): void {
    if (bytes > this.#maxBytes)
      throw Object.assign(new Error(`It has more than ${this.#maxBytes} bytes.`), { code: 'EFBIG' });
  }
}
