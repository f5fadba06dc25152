import { randomUUID } from 'node:crypto';
import { createComfyUIBackend } from '@holodeck/comfyui';
import { ImageError } from '@holodeck/core';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import type { ImageBackend, ProgressEvent } from '@holodeck/core';
import type { BackendResult, ImageRequest, JobContext, JobHandle, PreparedReference } from '@holodeck/core/backend';

/** What a test's driver has seen of a job. */
export interface Job {
  readonly context: JobContext;
  readonly events: ProgressEvent[];
  /** Whole images by index, without aborted ones. */
  readonly images: Map<number, Buffer>;
  readonly ended: { count: number };
  readonly abort: AbortController;
}

export function startJob(
  backend: ImageBackend,
  more: { key?: string; lane?: number; onProgress?: (event: ProgressEvent) => void } = {},
): Job {
  const images = new Map<number, Buffer>();
  const events: ProgressEvent[] = [];
  const ended = { count: 0 };
  const abort = new AbortController();
  const context: JobContext = {
    key: more.key ?? randomUUID(),
    lane: backend.lanes[more.lane ?? 0]!,
    signal: abort.signal,
    onProgress: (event) => {
      events.push(event);
      more.onProgress?.(event);
    },
    onEnded: () => {
      ended.count += 1;
    },
    openImage: (index) => {
      let chunks: Uint8Array[] = [];
      images.delete(index);
      return Promise.resolve({
        write: (chunk) => {
          chunks.push(Uint8Array.from(chunk));
          return Promise.resolve();
        },
        close: () => {
          images.set(index, Buffer.concat(chunks));
          return Promise.resolve();
        },
        abort: () => {
          chunks = [];
          return Promise.resolve();
        },
      });
    },
  };
  return { context, events, images, ended, abort };
}

export function imageRequest(more: Partial<ImageRequest> = {}): ImageRequest {
  return {
    prompt: 'a brass lamp',
    size: { width: 64, height: 64 },
    references: [],
    count: 1,
    providerOptions: {},
    ...more,
  };
}

/** Waits that last seconds in production are short here. */
export function createBackend(options: ComfyUIOptions): ImageBackend {
  return createComfyUIBackend({ ...options, internal: { locateIntervalMs: 20, ...options.internal } });
}

export interface Finished extends Job {
  readonly handle: JobHandle;
  readonly result: BackendResult;
}

/** Submits and collects. */
export async function generate(
  backend: ImageBackend,
  request: Partial<ImageRequest> = {},
  job: Job = startJob(backend),
): Promise<Finished> {
  const handle = await backend.submit(imageRequest(request), job.context);
  const result = await backend.collect(handle, job.context);
  return { ...job, handle, result };
}

/** The `ImageError` of a rejected promise. */
export async function failure(promise: Promise<unknown>): Promise<ImageError> {
  try {
    await promise;
  } catch (error) {
    if (ImageError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('It should have failed.');
}

export function reference(bytes: Buffer, sha256: string, role: 'style' | 'init' = 'init'): PreparedReference {
  return {
    role,
    sha256,
    mediaType: 'image/png',
    width: 64,
    height: 64,
    byteLength: bytes.length,
    read: () => Promise.resolve(bytes),
  };
}

/** Width and height of a PNG. */
export function pngSize(bytes: Buffer | undefined): [number, number] {
  return [bytes?.readUInt32BE(16) ?? 0, bytes?.readUInt32BE(20) ?? 0];
}

/** A promise that a test resolves itself. */
export function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
