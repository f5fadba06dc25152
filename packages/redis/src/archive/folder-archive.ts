import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '@holodeck/core/backend';
import type { ImageArchive } from './image-archive.ts';

/** Images in a folder that all machines reach. A rename puts each file in place, so nobody sees half of one. */
export class FolderArchive implements ImageArchive {
  readonly location: string;

  constructor(folder: string) {
    this.location = folder;
  }

  async put(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(this.location, ...name.split('/'));
    const temporary = join(dirname(path), `.${randomUUID()}.part`);
    await makeFolder(dirname(path));
    try {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
    return path;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.location, ...name.split('/')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    // Nothing stays open between calls.
  }
}
