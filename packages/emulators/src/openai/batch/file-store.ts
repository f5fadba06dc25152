/** Files as `/v1/files` keeps them. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { UploadedPicture } from '../image-call.ts';

/** A file of the project. */
export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  readonly purpose: string;
  readonly bytes: number;
  /** Unix time in milliseconds. */
  readonly createdAtMs: number;
  readonly expiresAtMs?: number;
  /** The content; made while it is read where it is the output of a batch. */
  readonly content: () => AsyncIterable<Buffer> | Iterable<Buffer>;
  /** The picture in it, once a request has used it. */
  picture?: UploadedPicture;
}

export class FileStore {
  readonly #clock: Clock;
  readonly #files = new Map<string, StoredFile>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(file: Omit<StoredFile, 'id' | 'createdAtMs'>): StoredFile {
    const id = `file-${randomUUID().replaceAll('-', '').slice(0, 24)}`;
    const stored = { ...file, id, createdAtMs: this.#clock.now() };
    this.#files.set(id, stored);
    return stored;
  }

  get(id: string): StoredFile | undefined {
    const file = this.#files.get(id);
    if (file?.expiresAtMs === undefined || file.expiresAtMs > this.#clock.now()) return file;
    this.#files.delete(id);
    return undefined;
  }

  /** The files that exist, the newest first. */
  list(): readonly StoredFile[] {
    return [...this.#files.keys()].flatMap((id) => this.get(id) ?? []).toReversed();
  }

  delete(id: string): boolean {
    return this.get(id) !== undefined && this.#files.delete(id);
  }

  clear(): void {
    this.#files.clear();
  }
}

/** The whole content. */
export async function readFile(file: StoredFile): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of file.content()) pieces.push(piece);
  return Buffer.concat(pieces);
}
