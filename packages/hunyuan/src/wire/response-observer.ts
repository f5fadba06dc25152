import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { clockSkewMs, retryAfterMs } from './http-headers.ts';

const channel = 'http.client.response.finish';
const traceHeader = 'X-TC-TraceId';
const maxBodyBytes = 64 * 1024;
const bodyWaitMs = 2000;

/** What was seen of the first response to a request. */
export interface ObservedResponse {
  readonly status: number | undefined;
  /** The service's clock less this machine's, in milliseconds. Exact to about a second. */
  readonly clockSkewMs: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** Aborted when the connection ends in the middle of a successful answer, which the SDK would wait for in vain. */
  readonly cutShort: AbortSignal;
  /** The body of a response that is no success, as far as it came (at most 64 KiB), and frees its connection. */
  body(): Promise<string>;
  /** Forgets the request. */
  release(): void;
}

/**
 * Sees what the SDK keeps to itself: the status and headers of every response, and the body of those that are no
 * success. It listens on Node's own diagnostics channel and finds its requests by their trace id; nothing is patched,
 * and when nothing is seen the caller has the SDK's word alone.
 * See https://nodejs.org/api/diagnostics_channel.html#event-httpclientresponsefinish.
 */
export class ResponseObserver {
  readonly #watched = new Map<string, Observation>();
  readonly #listener = (message: unknown): void => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const traceId = String(request.getHeader(traceHeader) ?? '');
    this.#watched.get(traceId)?.receive(response);
  };

  constructor() {
    subscribe(channel, this.#listener);
  }

  watch(traceId: string): ObservedResponse {
    const observation = new Observation(() => this.#watched.delete(traceId));
    this.#watched.set(traceId, observation);
    return observation;
  }

  close(): void {
    unsubscribe(channel, this.#listener);
    this.#watched.clear();
  }
}

class Observation implements ObservedResponse {
  readonly release: () => void;
  #response: IncomingMessage | undefined;
  #receivedAtMs = 0;
  readonly #chunks: Buffer[] = [];
  readonly #cutShort = new AbortController();
  #bytes = 0;

  constructor(release: () => void) {
    this.release = release;
  }

  /** Only the first counts: a followed redirect brings a second. */
  receive(response: IncomingMessage): void {
    if (this.#response !== undefined) return;
    this.#response = response;
    this.#receivedAtMs = Date.now();
    if (response.statusCode === 200) {
      response.once('close', () => {
        if (!response.complete) this.#cutShort.abort();
      });
      return;
    }
    response.on('data', (chunk: Buffer) => {
      if (this.#bytes < maxBodyBytes) this.#chunks.push(chunk);
      this.#bytes += chunk.byteLength;
    });
    // A connection that breaks in the middle of such a body has told what it had to tell.
    response.on('error', () => {});
  }

  get cutShort(): AbortSignal {
    return this.#cutShort.signal;
  }

  get status(): number | undefined {
    return this.#response?.statusCode;
  }

  get clockSkewMs(): number | undefined {
    return clockSkewMs(this.#response?.headers.date, this.#receivedAtMs);
  }

  get retryAfterMs(): number | undefined {
    return retryAfterMs(this.#response?.headers['retry-after'], this.#receivedAtMs);
  }

  async body(): Promise<string> {
    const response = this.#response;
    if (response === undefined) return '';
    await this.#settled(response);
    if (!response.readableEnded) response.destroy();
    try {
      return decode(Buffer.concat(this.#chunks), response.headers['content-encoding']).toString('utf8');
    } catch {
      return '';
    }
  }

  #settled(response: IncomingMessage): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, bodyWaitMs);
    const finish = (): void => {
      clearTimeout(timer);
      resolve();
    };
    if (response.readableEnded || response.closed || response.destroyed) finish();
    response.once('end', finish).once('close', finish);
    response.on('data', () => {
      if (this.#bytes >= maxBodyBytes) finish();
    });
    return promise;
  }
}

function decode(bytes: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(bytes, { maxOutputLength: maxBodyBytes * 16 });
  if (encoding === 'deflate') return inflateSync(bytes, { maxOutputLength: maxBodyBytes * 16 });
  if (encoding === 'br') return brotliDecompressSync(bytes, { maxOutputLength: maxBodyBytes * 16 });
  return bytes;
}
