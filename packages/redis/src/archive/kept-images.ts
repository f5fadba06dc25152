import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { makeFolder } from '@holodeck/core/backend';
import type { GenerationSuccess } from '@holodeck/core';
import { isInside } from '../files/is-inside.ts';
import { say } from './archive-messages.ts';
import { archiveError, archiveReason, type ImageArchive } from './image-archive.ts';

/** What the archive stores about a finished job, so that any machine can find its images. */
interface JobRecord {
  readonly version: 1;
  readonly images: readonly KeptImage[];
}

interface KeptImage {
  readonly name: string;
  /** Relative to the output folder, with `/`; absolute if it is outside. */
  readonly path: string;
  readonly sha256: string;
  readonly address: string;
}

/** The images of a worker's jobs in an archive: restored before a job, stored after it. */
export class KeptImages {
  readonly #archive: ImageArchive;
  readonly #folder: string;

  constructor(archive: ImageArchive, outputDir: string) {
    this.#archive = archive;
    this.#folder = resolve(outputDir);
  }

  /**
   * Restores the images of a job that another machine finished, so that the client finds them and does not make them again.
   * @throws {ImageError} kind `unavailable`, outcome `not-submitted`, when the archive cannot be read.
   */
  async restore(jobId: string): Promise<void> {
    try {
      for (const image of (await this.#record(jobId))?.images ?? []) {
        const path = join(this.#folder, ...image.path.split('/'));
        // A record from the archive must not choose files outside the output folder.
        if (isAbsolute(image.path) || !isInside(this.#folder, path)) continue;
        if ((await hashOfFile(path)) === image.sha256) continue;
        const bytes = await this.#archive.get(image.name);
        if (bytes === undefined || sha256(bytes) !== image.sha256) continue;
        const temporary = join(dirname(path), `.${randomUUID()}.part`);
        await makeFolder(dirname(path));
        await writeFile(temporary, bytes);
        await rename(temporary, path);
      }
    } catch (cause) {
      const { location } = this.#archive;
      throw archiveError('not-submitted', say('archive-unreadable', { location, reason: archiveReason(cause) }), cause);
    }
  }

  /**
   * Stores the images of a job. In the returned result, each image's `path` is its address in the archive.
   * @throws {ImageError} kind `unavailable`, outcome `accepted`: the images are on this machine; try again later.
   */
  async keep(jobId: string, result: GenerationSuccess): Promise<GenerationSuccess> {
    try {
      const known = new Map((await this.#record(jobId))?.images.map((image) => [image.sha256, image]));
      const kept: KeptImage[] = [];
      for (const { path = '', sha256: hash, mediaType } of result.images) {
        const place = this.#placeOf(path);
        const before = known.get(hash);
        if (before !== undefined && before.path === place.path) {
          kept.push(before);
          continue;
        }
        const address = await this.#archive.put(place.name, await readFile(path), mediaType);
        kept.push({ ...place, sha256: hash, address });
      }
      if (kept.some((image) => known.get(image.sha256) !== image)) {
        const record: JobRecord = { version: 1, images: kept };
        await this.#archive.put(recordName(jobId), Buffer.from(JSON.stringify(record)), 'application/json');
      }
      const images = result.images.map((image, index) => ({ ...image, path: kept[index]?.address ?? '' }));
      return { ...result, images: images as unknown as GenerationSuccess['images'] };
    } catch (cause) {
      const { location } = this.#archive;
      const paths = result.images.map(({ path }) => path).join(', ');
      const said = say('archive-unwritable', { location, paths, reason: archiveReason(cause) });
      throw archiveError('accepted', said, cause);
    }
  }

  async #record(jobId: string): Promise<JobRecord | undefined> {
    const bytes = await this.#archive.get(recordName(jobId));
    return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString()) as JobRecord);
  }

  #placeOf(path: string): Pick<KeptImage, 'name' | 'path'> {
    if (isInside(this.#folder, path)) {
      const name = relative(this.#folder, path).split(sep).join('/');
      return { name, path: name };
    }
    return { name: `elsewhere/${sha256(Buffer.from(dirname(path))).slice(0, 16)}/${basename(path)}`, path };
  }
}

function recordName(jobId: string): string {
  return `.holodeck/jobs/${jobId}.json`;
}

async function hashOfFile(path: string): Promise<string | undefined> {
  return readFile(path).then(sha256, () => undefined);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
