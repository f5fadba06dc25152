import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageError } from '@holodeck/core';
import { ImageInspector } from '@holodeck/core/backend';
import type { ImageBackend, ProgressEvent } from '@holodeck/core';
import type { ImageRequest, ImageSink, JobContext, PreparedReference } from '@holodeck/core/backend';
import { inspectImage } from '@holodeck/core/backend';
import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';

export const testKey = 'sk-test-0123456789abcdefghijkl';

export function request(fields: Partial<ImageRequest> = {}): ImageRequest {
  return {
    prompt: 'A noodle bar on a rainy night',
    size: { width: 1024, height: 1024 },
    references: [],
    count: 1,
    providerOptions: {},
    ...fields,
  };
}

export function reference(bytes: Uint8Array, role: 'style' | 'init' = 'style'): PreparedReference {
  const info = inspectImage(bytes);
  if (info === undefined) throw new Error('The reference of this test is not an image.');
  return {
    role,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mediaType: info.mediaType,
    width: info.width,
    height: info.height,
    byteLength: bytes.byteLength,
    read: () => Promise.resolve(bytes),
  };
}

/** Sinks in memory that record what was written and whether they were closed. */
export interface TestContext extends JobContext {
  readonly images: Map<number, { readonly chunks: Uint8Array[]; state: 'open' | 'closed' | 'aborted' }>;
  readonly events: ProgressEvent[];
  readonly ended: { count: number };
}

export function testContext(backend: ImageBackend, fields: Partial<JobContext> = {}): TestContext {
  const images: TestContext['images'] = new Map();
  const events: ProgressEvent[] = [];
  const ended = { count: 0 };
  const [lane] = backend.lanes;
  if (lane === undefined) throw new Error('no lane');
  return {
    key: randomUUID(),
    lane,
    signal: new AbortController().signal,
    onProgress: (event) => void events.push(event),
    onEnded: () => void (ended.count += 1),
    openImage: (index): Promise<ImageSink> => {
      const image = { chunks: [] as Uint8Array[], state: 'open' as 'open' | 'closed' | 'aborted' };
      images.set(index, image);
      return Promise.resolve({
        write: (chunk) => Promise.resolve(void image.chunks.push(Buffer.from(chunk))),
        close: () => Promise.resolve(void (image.state = 'closed')),
        abort: () => Promise.resolve(void (image.state = 'aborted')),
      });
    },
    images,
    events,
    ended,
    ...fields,
  };
}

/** The contents of the sink of that index, inspected. */
export function inspected(context: TestContext, index = 0): ReturnType<ImageInspector['end']> {
  const image = context.images.get(index);
  if (image?.state !== 'closed') return undefined;
  const inspector = new ImageInspector();
  for (const chunk of image.chunks) inspector.write(chunk);
  return inspector.end();
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-openai-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The `ImageError` that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<ImageError> {
  try {
    await promise;
  } catch (error) {
    if (ImageError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('It should have failed.');
}

/**
 * A server whose answers the test writes. A program of another run may still call a port that was its own before: such a one does
 * not know the folder of the API, and fetches no picture of the test.
 */
export async function rawServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly baseURL: string; readonly calls: () => number }> {
  let calls = 0;
  const folder = `/${randomUUID()}`;
  const server = createServer((incoming, response) => {
    const { url = '' } = incoming;
    if (!url.startsWith(folder) && !url.endsWith('.png')) {
      response.writeHead(404).end();
      return;
    }
    incoming.url = url.replace(folder, '');
    calls += 1;
    incoming.resume();
    incoming.on('end', () => handle(incoming, response));
    incoming.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}${folder}/v1`, calls: () => calls };
}
