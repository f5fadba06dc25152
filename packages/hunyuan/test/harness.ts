import type { ImageError, ImageWarning } from '@holodeck/core';
import type { Clock, ImageRequest, ImageSink, JobContext, JobHandle, PreparedReference } from '@holodeck/core/backend';
import { createHash, randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { createHunyuanBackend } from '../src/index.ts';
import type { HunyuanBackend, HunyuanOptions } from '../src/index.ts';

export const secretId = 'AKIDTESTTESTTEST';
export const secretKey = 'not-a-real-secret-key';

/** A backend that talks to this address. */
export function backendAt(endpoint: string, options: HunyuanOptions = {}): HunyuanBackend {
  return createHunyuanBackend({ secretId, secretKey, endpoint, ...options });
}

export function request(changes: Partial<ImageRequest> = {}): ImageRequest {
  return {
    prompt: '雨中竹林',
    size: { width: 1024, height: 1024 },
    references: [],
    count: 1,
    providerOptions: {},
    ...changes,
  };
}

/** A job context that keeps what it is given. */
export class TestContext implements JobContext {
  readonly key = randomUUID();
  readonly lane: JobContext['lane'];
  readonly signal: AbortSignal;
  readonly images = new Map<number, Buffer>();
  readonly events: string[] = [];
  readonly warnings: ImageWarning[] = [];
  readonly nextPoll = (): Promise<void> => Promise.resolve();

  constructor(backend: HunyuanBackend, signal: AbortSignal = new AbortController().signal) {
    this.lane = backend.lanes[0];
    this.signal = signal;
  }

  readonly onWarning = (warning: ImageWarning): void => void this.warnings.push(warning);
  readonly onEnded = (): void => void this.events.push('ended');
  readonly onProgress = (event: { readonly type: string }): void => {
    if (this.events.at(-1) !== event.type) this.events.push(event.type);
  };

  readonly openImage = async (index: number): Promise<ImageSink> => {
    const chunks: Buffer[] = [];
    this.images.delete(index);
    return {
      write: async (chunk) => void chunks.push(Buffer.from(chunk)),
      close: async () => void this.images.set(index, Buffer.concat(chunks)),
      abort: async () => void chunks.splice(0),
    };
  };
}

/** A handle of this backend for a job that a server of the test knows. */
export function handleOf(backend: HunyuanBackend, changes: Partial<JobHandle> = {}): JobHandle {
  const lane = backend.lanes[0].id;
  return {
    version: 1,
    backend: 'hunyuan',
    lane,
    credential: lane.split('/')[2] ?? '',
    jobId: 'job-1',
    key: randomUUID(),
    acceptedAtMs: 0,
    ...changes,
  };
}

/** What a promise is rejected with, as an `ImageError`; fails when it is not. */
export async function failure(promise: Promise<unknown>): Promise<ImageError> {
  try {
    await promise;
  } catch (error) {
    return error as ImageError;
  }
  throw new Error('It was expected to fail.');
}

/** Time that passes only while somebody sleeps. */
export function jumpingClock(): Clock & { elapsedMs(): number } {
  let time = 0;
  return {
    now: () => time,
    monotonic: () => time,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      time += ms;
    },
    elapsedMs: () => time,
  };
}

export async function solid(
  width: number,
  height: number,
  colour: string,
  format: 'png' | 'jpeg' = 'png',
): Promise<Buffer> {
  return await sharp({ create: { width, height, channels: 3, background: colour } })
    .toFormat(format)
    .toBuffer();
}

export async function referenceOf(bytes: Buffer, mediaType = 'image/png'): Promise<PreparedReference> {
  const { width, height } = await sharp(bytes)
    .metadata()
    .catch(() => ({ width: 1, height: 1 }));
  return {
    role: 'style',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mediaType,
    width,
    height,
    byteLength: bytes.byteLength,
    read: async () => bytes,
  };
}
