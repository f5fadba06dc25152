import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { copyFile, constants, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, syncFolder } from '@holodeck/core/backend';
import { makeFolderNow } from './make-folder-now.ts';

/** A session's folder: where its files are, and how they get there. Paths handed out are relative to it, with `/`. */
export class SessionFolder {
  readonly root: string;
  /** What the publish section changed and is not on disk yet: written files, and folders in which files got their names. */
  readonly #unsynced = { files: new Set<string>(), folders: new Set<string>() };

  constructor(outputDir: string, sessionId: string) {
    this.root = join(outputDir, sessionId);
  }

  /** The absolute form of a path inside the folder. */
  absolute(path: string): string {
    return join(this.root, ...path.split('/'));
  }

  /** Whether the files of an asset are there as they were written. */
  async holds({ path, sha256, originalPath, originalSha256 }: WrittenFiles): Promise<boolean> {
    if ((await sha256OfFile(this.absolute(path))) !== sha256) return false;
    return originalPath === undefined || (await sha256OfFile(this.absolute(originalPath))) === originalSha256;
  }

  /** Where the driver writes an image before it is published. The same for the same picture to be made. */
  incoming(assetId: string, choiceEpoch: number, makeKey: string): string {
    return this.absolute(`.incoming/${choiceEpoch}/${assetId.replaceAll('/', '-')}-${makeKey.slice(0, 12)}.png`);
  }

  /** Copies a file into the folder under a temporary name, on disk when it resolves. To be renamed by `place`. */
  async stage(source: string, target: string): Promise<StagedFile> {
    const temporary = this.#temporaryFor(target);
    await makeFolder(dirname(temporary));
    await copyFile(source, temporary, constants.COPYFILE_FICLONE);
    await syncFile(temporary);
    return { temporary, target };
  }

  /** Writes bytes into the folder under a temporary name, on disk when it resolves. */
  async stageBytes(bytes: Uint8Array, target: string): Promise<StagedFile> {
    const temporary = this.#temporaryFor(target);
    await makeFolder(dirname(temporary));
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return { temporary, target };
  }

  /** Writes a whole file by temporary file and rename, outside the publish section. On disk under its name when it resolves. */
  async write(bytes: Uint8Array, target: string): Promise<void> {
    const { temporary } = await this.stageBytes(bytes, target);
    const path = this.absolute(target);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  }

  /** Gives a staged file its name. Synchronous: part of the publish section. On disk after `sync`. */
  place(file: StagedFile, target: string = file.target): void {
    const path = this.absolute(target);
    makeFolderNow(dirname(path));
    renameSync(file.temporary, path);
    this.#unsynced.folders.add(dirname(path));
  }

  /** Removes a staged file that was not placed. */
  discard(file: StagedFile): void {
    try {
      unlinkSync(file.temporary);
    } catch {
      // It was placed, or is gone.
    }
  }

  /** Writes a whole text file by temporary file and rename. Synchronous: part of the publish section. On disk after `sync`. */
  writeText(target: string, text: string): void {
    const path = this.absolute(target);
    const temporary = this.#temporaryFor(target);
    makeFolderNow(dirname(path));
    writeFileSync(temporary, text);
    renameSync(temporary, path);
    this.#unsynced.files.add(path);
    this.#unsynced.folders.add(dirname(path));
  }

  /** Brings to the disk what `place` and `writeText` did, off the event loop. */
  async sync(): Promise<void> {
    const { files, folders } = this.#unsynced;
    const changed = { files: [...files], folders: [...folders] };
    files.clear();
    folders.clear();
    for (const path of changed.files) await syncFile(path);
    await Promise.all(changed.folders.map(syncFolder));
  }

  /** Removes temporary files that a killed process has left behind. */
  async sweep(olderThanMs: number): Promise<void> {
    const views = await readdir(this.absolute('views')).catch(() => []);
    const ofViews = views.map((name) => `views/${name}`);
    for (const inner of ['', 'cards', 'images', 'object_cards', '.incoming/previews', ...ofViews]) {
      const folder = this.absolute(inner);
      const names = await readdir(folder).catch(() => []);
      for (const name of names.filter((one) => /^\.[0-9a-f]{16}\.tmp$/.test(one))) {
        const path = join(folder, name);
        const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
        if (age > olderThanMs) await rm(path, { force: true });
      }
    }
  }

  #temporaryFor(target: string): string {
    const path = this.absolute(target);
    return join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
  }
}

/** The files of an asset, relative to the session's folder, and their hashes. */
interface WrittenFiles {
  readonly path: string;
  readonly sha256: string;
  readonly originalPath?: string;
  readonly originalSha256?: string;
}

/** A file that is complete and waits for its name. */
export interface StagedFile {
  /** Absolute. */
  readonly temporary: string;
  /** Relative to the session's folder. */
  readonly target: string;
}

/** Lowercase hex SHA-256 of a file; undefined when there is no such file. */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

/** Brings a file's bytes to the disk. Another process may have given its name to another file, which it syncs itself. */
async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
