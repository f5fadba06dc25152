import { hostname } from 'node:os';
import { invalidRequest } from '@holodeck/core/backend';
import { say } from './archive-messages.ts';
import { BucketArchive } from './bucket-archive.ts';
import { FolderArchive } from './folder-archive.ts';
import { archiveReason, type ImageArchive } from './image-archive.ts';
import { parseArchiveUrl } from './archive-url.ts';

/**
 * Opens the place where workers keep finished images for all machines. It writes a small file there
 * (`.holodeck/check-<host>`), so that a wrong name or a missing permission shows up before anything is paid.
 *
 * ```ts
 * const archive = await openImageArchive('s3://pictures/holodeck?region=eu-central-1');
 * const worker = await createImageWorker({ url, client, archive });
 * ```
 * @param url `file:///mnt/pictures`, or `s3://bucket/prefix?region=...&endpoint=...`. Keys come from Amazon's usual
 * variables and files (`AWS_ACCESS_KEY_ID`, ...), never from the URL.
 * @throws {ImageError} kind `invalid-request` for a wrong URL, missing packages, or a place that cannot be written.
 */
export async function openImageArchive(url: string): Promise<ImageArchive> {
  const place = parseArchiveUrl(url);
  const archive = place.kind === 'folder' ? new FolderArchive(place.path) : await BucketArchive.open(place);
  const name = `.holodeck/check-${encodeURIComponent(hostname())}`;
  try {
    const written = new TextEncoder().encode('Written by a worker that begins.\n');
    await archive.put(name, written, 'text/plain');
    if ((await archive.get(name))?.byteLength !== written.byteLength) throw new Error('What was written is not there.');
    return archive;
  } catch (cause) {
    await archive.close();
    const unusable = { location: archive.location, reason: archiveReason(cause) };
    const said =
      place.kind === 'folder' ? say('archive-folder-unusable', unusable) : say('archive-bucket-unusable', unusable);
    throw invalidRequest(said, { cause });
  }
}
