import { dirname } from 'node:path';
import type { CollectedImage } from '../contract/backend-result.ts';
import { ImageError } from '../contract/index.ts';
import type { BackendResult, ImageSize, ImageWarning, JobContext } from '../contract/index.ts';
import type { StoredImage, TaskRow } from '../stores/task-store.ts';
import { isOversized } from '../images/picture-bounds.ts';
import { noPictureCode } from '../images/download-error.ts';
import { asImageError, storageError } from './as-image-error.ts';
import { placeExtraFiles } from '../files/extra-files.ts';
import { JobImages, moveIntoPlace } from '../files/job-images.ts';
import type { ReceivedImage } from '../files/job-images.ts';
import { extensionDiffers, imagePath, restoredPath, storedPath } from '../files/output-target.ts';
import type { OutputTarget } from '../files/output-target.ts';
import { blankSecrets } from '../contract/secrets.ts';
import { isRecord } from '../internal/is-record.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { RowWriter } from './row-writer.ts';
import type { RunContext } from './run-context.ts';
import type { Message } from '../messages/message.ts';
import { say } from './task-messages.ts';
import { syncFolder } from '../files/sync-folder.ts';
import type { GeneratedImage } from './generation-result.ts';

/** How often an answer without a complete picture is fetched again. */
const maxDamagedAnswers = 3;

/** Whose job is collected. */
export interface Collector {
  readonly run: RunContext;
  readonly writer: RowWriter;
  context(images: JobImages): JobContext;
}

/** Images in place, or in memory. */
export interface Collected {
  readonly images: readonly GeneratedImage[];
  readonly result: BackendResult;
}

/**
 * Waits for an accepted job, fetches its images and moves them into place. Faults of polls and downloads repeat `collect`, never
 * `submit`.
 * @throws {ImageError} with outcome `accepted` (resumable), `failed`, `lost` or `unknown`.
 */
export async function collectJob(collector: Collector): Promise<Collected> {
  const { run, writer } = collector;
  const { environment, signal } = run;
  const { handle, key, backend } = writer.row;
  if (handle === undefined) throw new Error('A row without a handle cannot be collected.');
  const asked = requestedSize(writer.row);
  const images = new JobImages(run.options.target, key, asked);
  let damaged = 0;
  for (let failures = 1; ; failures += 1) {
    let error: ImageError;
    const openedBefore = images.opened;
    let ended = false;
    try {
      signal.throwIfAborted();
      const result = await environment.backend.collect(handle, collector.context(images));
      ended = true;
      const received = wholeImages(result, images, backend, asked);
      await images.discard(new Set(received.map(({ index }) => index)));
      return { images: await putInPlace(collector, result, received, images), result };
    } catch (thrown) {
      error = collectError(thrown, images, backend);
    }
    if (error.outcome !== 'accepted' || error.kind === 'storage') {
      // Once the row says `received`, the temporary files are the images.
      if (writer.row.state !== 'received') await images.discard();
      throw error;
    }
    // An unreadable answer about the job, such as a proxy's page, does not mean that images are damaged.
    if (error.kind === 'bad-response' && (ended || images.opened > openedBefore)) damaged += 1;
    if (damaged >= maxDamagedAnswers) {
      await images.discard();
      // A page from a proxy says nothing about the image, which is still available without the proxy.
      if (error.code === noPictureCode) throw error;
      throw ImageError.with(error, { outcome: 'lost', retryable: false });
    }
    if (signal.aborted || !error.retryable) {
      await images.discard();
      throw error;
    }
    const waitMs = retryDelayMs(failures, environment, error.retryAfterMs);
    run.onWaiting(error, Math.round(waitMs));
    try {
      await environment.clock.sleep(waitMs, signal);
    } catch {
      await images.discard();
      throw error;
    }
  }
}

function collectError(thrown: unknown, images: JobImages, backend: string): ImageError {
  if (ImageError.isInstance(images.storageFault)) return images.storageFault;
  const error = asImageError(thrown, {
    kind: 'internal',
    outcome: 'accepted',
    backend,
    ...say('fetch-unexpected', { backend }),
  });
  // `rejected` here means the query; the job still exists.
  return error.outcome === 'rejected' || error.outcome === 'not-submitted'
    ? ImageError.with(error, { outcome: 'accepted' })
    : error;
}

function wholeImages(
  result: BackendResult,
  images: JobImages,
  backend: string,
  asked: ImageSize | undefined,
): readonly ReceivedImage[] {
  const damaged = (said: Message): ImageError =>
    new ImageError({ kind: 'bad-response', outcome: 'accepted', retryable: true, backend, ...said });
  if (result.images.length === 0) throw damaged(say('delivered-nothing', { backend }));
  return result.images.map(({ index }) => {
    const image = images.received(index);
    const number = index + 1;
    if (image === undefined) throw damaged(say('delivered-no-bytes', { backend, number }));
    const delivered = { backend, bytes: image.byteLength, number };
    if (image.info === undefined) throw damaged(say('delivered-no-picture', delivered));
    const { width, height, complete } = image.info;
    if (isOversized({ width, height }, asked))
      throw damaged(say('delivered-oversized', { backend, number, size: `${width}x${height}` }));
    if (!complete) throw damaged(say('delivered-cut-short', delivered));
    return image;
  });
}

async function putInPlace(
  { run, writer }: Collector,
  result: BackendResult,
  arrived: readonly ReceivedImage[],
  images: JobImages,
): Promise<readonly GeneratedImage[]> {
  const { target, folder } = run.options;
  const warn = (warning: ImageWarning): unknown => run.warn(warning);
  const described = describeImages(arrived, result.images);
  if (target === undefined)
    return described.map((image, position) => ({ ...image, bytes: arrived[position]?.bytes ?? new Uint8Array() }));
  const stored = storedImages(target, folder, arrived, described, warn);
  const warnings = placeExtraFiles(images, target, folder);
  for (const warning of warnings) warn(warning);
  const received = { state: 'received', images: stored, ...(warnings.length > 0 && { warnings }) } as const;
  // A row with the answer leads to the same images again, so it needs no extra write.
  if (writer.row.handle?.answer === undefined) await writer.writeBestEffort(received);
  else writer.note(received);
  return finishFiles(writer.row, stored, folder);
}

/** The size that a task asked for; undefined if its row does not say, or leaves it to an option of the backend. */
export function requestedSize({ request }: Pick<TaskRow, 'request'>): ImageSize | undefined {
  const { size, providerOptions } = request as { readonly size?: unknown; readonly providerOptions?: unknown };
  // An option of this name takes the place of the request's size.
  if (isRecord(providerOptions) && 'size' in providerOptions) return undefined;
  return isRecord(size) && typeof size['width'] === 'number' ? (size as unknown as ImageSize) : undefined;
}

/** What is known about an image besides its path. */
export type DescribedImage = Omit<StoredImage, 'path' | 'temporaryPath'>;

/** Describes received images by their bytes and the provider's data. */
export function describeImages(
  received: readonly ReceivedImage[],
  told: readonly Omit<CollectedImage, 'index'>[],
): readonly DescribedImage[] {
  return received.map((image, position) => {
    const from = told[position];
    const info = image.info as NonNullable<ReceivedImage['info']>;
    return {
      width: info.width,
      height: info.height,
      mediaType: info.mediaType,
      sha256: image.sha256,
      byteLength: image.byteLength,
      ...(from?.seed === undefined ? {} : { seed: from.seed }),
      ...(from?.revisedPrompt === undefined ? {} : { revisedPrompt: blankSecrets(from.revisedPrompt) }),
      ...(from?.providerMetadata === undefined ? {} : { providerMetadata: blanked(from.providerMetadata) }),
    };
  });
}

function blanked(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(blankSecrets(JSON.stringify(metadata))) as Readonly<Record<string, unknown>>;
}

/** The images of a `received` row: complete temporary files, with their final paths. */
export function storedImages(
  target: OutputTarget,
  folder: string | undefined,
  received: readonly ReceivedImage[],
  described: readonly DescribedImage[],
  warn: (warning: ImageWarning) => void,
): readonly StoredImage[] {
  const first = described[0];
  if (first !== undefined && extensionDiffers(target, first.mediaType)) {
    const said = say('format-differs', { extension: target.extension ?? '', type: first.mediaType });
    warn({ code: 'format-differs', feature: 'outputPath', ...said });
  }
  return described.map((image, position) => ({
    ...image,
    temporaryPath: storedPath(folder, received[position]?.temporaryPath ?? ''),
    path: storedPath(folder, imagePath(target, position, image.mediaType)),
  }));
}

/** Moves the temporary files of a `received` row into place; harmless to repeat. */
export async function finishFiles(
  row: TaskRow,
  stored: readonly StoredImage[],
  folder: string | undefined,
): Promise<readonly GeneratedImage[]> {
  const folders = new Set<string>();
  const images: GeneratedImage[] = [];
  for (const { temporaryPath, path: place, ...image } of stored) {
    const path = restoredPath(folder, place);
    if (temporaryPath !== undefined) moveIntoPlace(restoredPath(folder, temporaryPath), path);
    folders.add(dirname(path));
    images.push({ ...image, path });
  }
  for (const directory of folders) {
    await syncFolder(directory).catch((error: unknown) => {
      throw storageError(error, directory, row.handle === undefined ? 'unknown' : 'accepted');
    });
  }
  return images;
}
