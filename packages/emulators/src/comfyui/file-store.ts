/** The server's three folders, in memory. Pictures are painted when they are fetched, so that a long run costs no memory. */
import { createHash } from 'node:crypto';

export type FolderType = 'input' | 'output' | 'temp';

export interface StoredFile {
  readonly name: string;
  readonly subfolder: string;
  readonly type: FolderType;
  readonly content: () => Promise<Buffer>;
  /** SHA-256 of what it holds, or of what it is painted from; hexadecimal. */
  readonly hash: string;
  readonly modifiedAtMs: number;
  /** The job that wrote it. */
  readonly jobId?: string;
}

/** Where a file is, as outputs name it. */
export interface FileName {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

/** A subfolder or name that would leave its folder. */
export class OutsidePath extends Error {}

const maxFiles = 200_000;

export class FileStore {
  readonly #files: Map<string, StoredFile> = new Map();
  readonly #counters: Map<string, number> = new Map();

  find(type: string, subfolder: string, name: string): StoredFile | undefined {
    return this.#files.get(keyOf(type, subfolder, name));
  }

  /** What a LoadImage node's value names: `name`, `sub/name`, `name [output]`. */
  findAnnotated(value: string): StoredFile | undefined {
    const match = /^(.*) \[(input|output|temp)\]$/.exec(value);
    const path = match?.[1] ?? value;
    if (path.startsWith('/') || path.split('/').includes('..')) return undefined;
    const slash = path.lastIndexOf('/');
    return this.find(match?.[2] ?? 'input', slash < 0 ? '' : path.slice(0, slash), path.slice(slash + 1));
  }

  put(file: StoredFile): void {
    this.#files.set(keyOf(file.type, file.subfolder, file.name), file);
    if (this.#files.size > maxFiles) {
      const [oldest] = this.#files.keys();
      this.#files.delete(oldest!);
    }
  }

  /** Removes one file. `false`: there is none. */
  remove(file: FileName): boolean {
    return this.#files.delete(keyOf(file.type, file.subfolder, file.filename));
  }

  /** Names in a folder, without those in subfolders. */
  list(type: FolderType): string[] {
    return [...this.#files.values()]
      .filter((file) => file.type === type && file.subfolder === '')
      .map((file) => file.name)
      .sort();
  }

  clear(type: FolderType): void {
    for (const [key, file] of this.#files) if (file.type === type) this.#files.delete(key);
    for (const key of this.#counters.keys()) if (key.startsWith(`${type}\n`)) this.#counters.delete(key);
  }

  /**
   * Saves pictures as SaveImage does: `<prefix>_00001_.png`, counting on from what is there; the prefix may hold folders.
   * @throws {OutsidePath} when the prefix leaves the folder.
   */
  save(
    type: FolderType,
    prefix: string,
    pictures: readonly (() => Promise<Buffer>)[],
    { extension = 'png', ...about }: { modifiedAtMs: number; jobId: string; extension?: string },
  ): FileName[] {
    const parts = prefix.split(/[/\\]/);
    const base = parts.pop() ?? '';
    if (parts.includes('..') || prefix.startsWith('/')) throw new OutsidePath();
    const subfolder = parts.join('/');
    const counterKey = `${type}\n${subfolder}\n${base}`;
    return pictures.map((content) => {
      const count = (this.#counters.get(counterKey) ?? 0) + 1;
      this.#counters.set(counterKey, count);
      const name = `${base}_${String(count).padStart(5, '0')}_.${extension}`;
      const hash = contentHash(Buffer.from(`${about.jobId} ${name}`));
      this.put({ name, subfolder, type, content, hash, ...about });
      return { filename: name, subfolder, type };
    });
  }

  /** Takes an upload. Same name and other bytes: a new name, unless `overwrite`. @throws {OutsidePath} */
  upload(type: FolderType, subfolder: string, name: string, bytes: Buffer, overwrite: boolean, now: number): FileName {
    if (subfolder.startsWith('/') || subfolder.split('/').includes('..') || name.split('/').includes('..'))
      throw new OutsidePath();
    const hash = contentHash(bytes);
    const dot = name.lastIndexOf('.');
    const [stem, extension] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
    let chosen = name;
    for (let number = 1; ; number += 1) {
      if (overwrite) break;
      const present = this.find(type, subfolder, chosen);
      if (present === undefined || present.hash === hash) break;
      chosen = `${stem} (${number})${extension}`;
    }
    this.put({ name: chosen, subfolder, type, content: () => Promise.resolve(bytes), hash, modifiedAtMs: now });
    return { filename: chosen, subfolder, type };
  }
}

function keyOf(type: string, subfolder: string, name: string): string {
  return `${type}\n${subfolder}\n${name}`;
}

/** SHA-256 of a file's content, as its ETag, for the cache and the ledger. */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
