import { hostname } from 'node:os';
import { ImageError } from '@holodeck/core';
import { BucketArchive } from './bucket-archive.ts';
import { FolderArchive } from './folder-archive.ts';
import type { ImageArchive } from './image-archive.ts';
import { parseArchiveUrl } from './archive-url.ts';

/**
 * Opens the place where workers keep finished images for all machines, and writes a small file there
 * (`.holodeck/check-<host>`), so that a wrong name or a missing permission shows before anything is paid.
 *
 * ```ts
 * const archive = await openImageArchive('s3://pictures/holodeck?region=eu-central-1');
 * const worker = await createImageWorker({ url, client, archive });
 * ```
 * @param url `file:///mnt/pictures`, or `s3://bucket/prefix?region=...&endpoint=...`. Keys come from Amazon's usual
 * variables and files (`AWS_ACCESS_KEY_ID`, ...), never from the URL.
 * @throws {ImageError} kind `invalid-request`: a URL that cannot be, packages that are missing, or a place that cannot be
 * written.
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
    const remedy =
      place.kind === 'folder'
        ? 'Check that the folder is there and that this user may write to it.'
        : 'Check the bucket and its region or endpoint, and the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
    const { code, name: errorName } = cause as { code?: string; name?: string };
    throw new ImageError({
      kind: 'invalid-request',
      outcome: 'not-submitted',
      message: `Images cannot be kept at ${archive.location} (${code ?? errorName ?? 'unknown'}). ${remedy} Nothing was sent.`,
      cause,
    });
  }
}
