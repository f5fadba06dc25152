import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { OpenEntry } from '../result-cache/result-cache.ts';
import { storageError } from './as-image-error.ts';
import { cacheKey } from './save-to-cache.ts';
import { finishRow, paidAttempts } from './collect-task.ts';
import { describeImages, finishFiles, storedImages } from './collect-job.ts';
import type { GenerationSuccess } from './generation-result.ts';
import { JobImages } from '../files/job-images.ts';
import type { ReceivedImage } from '../files/job-images.ts';
import { storedPath } from '../files/output-target.ts';
import type { PreparedRequest } from '../request/prepare-request.ts';
import type { RunContext } from './run-context.ts';
import { say } from './task-messages.ts';

/**
 * Takes the task's images from the result cache and moves them into place. Undefined if they are not there or damaged;
 * `reload-row` if another process has begun the task meanwhile.
 * @throws {ImageError} kind `storage`, outcome `not-submitted`, if the images cannot be written.
 */
export async function takeFromCache(
  run: RunContext,
  prepared: PreparedRequest,
  attempt: number,
): Promise<GenerationSuccess | 'reload-row' | undefined> {
  const { backend, options } = run.environment;
  const { name, fingerprint } = backend;
  const key = cacheKey({ backend: name, fingerprint }, prepared.hash, prepared.request.seed);
  const entry = key === undefined ? undefined : await options.cache?.open(key);
  if (entry === undefined) return undefined;
  const images = new JobImages(run.options.target, randomUUID());
  try {
    const received = await readImages(entry, images);
    if (received === undefined) {
      await images.discard();
      await entry.drop();
      run.environment.logger.warn({ key }, 'a damaged entry was removed from the result cache');
      return undefined;
    }
    return await putInPlace(run, prepared, attempt, entry, { images, received });
  } finally {
    await entry.close();
  }
}

/** Checks every byte: only the image that was stored is delivered. */
async function readImages(entry: OpenEntry, images: JobImages): Promise<readonly ReceivedImage[] | undefined> {
  const received: ReceivedImage[] = [];
  for (const [index, { sha256 }] of entry.header.images.entries()) {
    try {
      const sink = await images.openImage(index);
      for await (const chunk of entry.read(index)) await sink.write(chunk);
      await sink.close();
    } catch {
      await images.discard();
      if (images.storageFault === undefined) return undefined;
      throw storageError(images.storageFault, say('image-in-memory'), 'not-submitted');
    }
    const image = images.received(index);
    if (image?.info?.complete !== true || image.sha256 !== sha256) return undefined;
    received.push(image);
  }
  return received;
}

async function putInPlace(
  run: RunContext,
  prepared: PreparedRequest,
  attempt: number,
  { header }: OpenEntry,
  { images, received }: { readonly images: JobImages; readonly received: readonly ReceivedImage[] },
): Promise<GenerationSuccess | 'reload-row'> {
  const { environment, options } = run;
  const { backend, clock, owner } = environment;
  const { target, folder, store } = options;
  for (const warning of header.warnings) run.warn(warning);
  const described = describeImages(received, header.images);
  if (target === undefined) {
    const inMemory = described.map((image, index) => ({ ...image, bytes: received[index]?.bytes ?? new Uint8Array() }));
    run.emitState('done', attempt);
    return run.success(inMemory, 'cache', await paidAttempts(run));
  }
  const row = {
    scope: options.scope,
    taskId: options.taskId,
    requestHash: prepared.hash,
    attempt,
    key: randomUUID(),
    // Complete in its temporary file: any process can finish it offline.
    state: 'received' as const,
    backend: backend.name,
    model: backend.model,
    fingerprint: backend.fingerprint,
    lane: backend.lanes[0]?.id ?? '',
    request: prepared.canonical,
    owner: owner.id,
    createdAtMs: clock.now(),
    outputPath: storedPath(folder, join(target.directory, target.name + (target.extension ?? ''))),
    images: storedImages(target, folder, received, described, (warning) => run.warn(warning)),
    ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
  };
  let began = false;
  try {
    began = await store.tasks.begin(row);
    if (!began) return 'reload-row';
  } finally {
    // Without a row, nothing would refer to the temporary files.
    if (!began) await images.discard();
  }
  const writer = run.writer({ ...row, revision: 1, updatedAtMs: row.createdAtMs });
  const inPlace = await finishFiles(writer.row, row.images, folder).catch((error: unknown) => {
    throw storageError(error, target.directory, 'not-submitted');
  });
  return finishRow(run, writer, inPlace, 'cache');
}
