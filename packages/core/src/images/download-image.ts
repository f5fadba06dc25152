import { ImageError } from '../contract/index.ts';
import type { ImageSink, ProgressEvent } from '../contract/index.ts';
import { LinkedAbort } from '../internal/linked-abort.ts';
import type { LookupAddresses } from '../network/lookup-addresses.ts';
import type { FetchLike } from '../network/network-options.ts';
import { downloadFault, errorOfFetch, errorOfStatus, noPictureCode } from './download-error.ts';
import { DownloadGuard } from './download-guard.ts';
import { say } from './download-messages.ts';
import type { Message } from '../messages/message.ts';
import { ImageInspector } from './image-inspector.ts';
import type { InspectedImage } from './image-inspector.ts';

const defaultMaxBytes = 64 * 1024 * 1024;
const defaultIdleTimeoutMs = 60_000;
const maxRedirects = 5;

/** The reason that ends a download without a byte for too long. Shared: an `abort` without a reason creates an error with a stack. */
const idle = new Error('No byte came in time.');

/** Options of `downloadImage`. */
export interface DownloadImageOptions {
  /** The image's address. Its query may be a signature and never appears in a message. */
  readonly url: string | URL;
  /** Receives the bytes: closed after a complete image, else aborted. */
  readonly sink: ImageSink;
  readonly fetch: FetchLike;
  readonly signal: AbortSignal;
  /** The largest image, in bytes. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** The longest wait without a byte, in milliseconds. Default 60 000. */
  readonly idleTimeoutMs?: number | undefined;
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
  /**
   * Hosts (`host`, `host:port`, `.domain`) that are allowed on a private network. Without a list, this machine is allowed if
   * the first address is on it.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Resolves names, so that one that leads into a private network is refused. Default: names are not resolved. */
  readonly lookup?: LookupAddresses | undefined;
  /** Whether a web page with 404 comes from something in between, as one with 403 does. Default false: the image is gone. */
  readonly isPage404Foreign?: boolean | undefined;
  /** Request headers; after a redirect they go only to the origin of `url`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Streams one image into a sink and checks its bytes. Follows up to 5 redirects that `DownloadGuard` allows. One try: the caller
 * repeats it.
 * @throws {ImageError} Kind `job-failed` with outcome `lost` if the address has expired (401, 403, 404, 410; but not a web page
 * with 401 or 403, which comes from a proxy). Else outcome `accepted`: `unavailable` for network faults, stalls and 5xx;
 * `rate-limit` for 429; `bad-response` for an incomplete or too large image or a forbidden address; `storage` if the sink fails;
 * `aborted`.
 */
export async function downloadImage(options: DownloadImageOptions): Promise<InspectedImage> {
  const download = new Download(options);
  try {
    return await download.run();
  } catch (error) {
    await options.sink.abort().catch(() => undefined);
    throw download.explain(error);
  } finally {
    download.end();
  }
}

/**
 * As `downloadImage`, for a file of any kind: its bytes are not looked at.
 * @throws {ImageError} as `downloadImage` does.
 */
export async function downloadFile(options: DownloadImageOptions): Promise<void> {
  const download = new Download(options);
  try {
    await download.fetchBytes();
    await download.store((sink) => sink.close());
  } catch (error) {
    await options.sink.abort().catch(() => undefined);
    throw download.explain(error);
  } finally {
    download.end();
  }
}

class Download {
  readonly #options: DownloadImageOptions;
  readonly #abort: LinkedAbort;
  readonly #idleTimeoutMs: number;
  #host: string | Message = say('download-host');

  constructor(options: DownloadImageOptions) {
    this.#options = options;
    this.#abort = new LinkedAbort([options.signal]);
    this.#idleTimeoutMs = options.idleTimeoutMs ?? defaultIdleTimeoutMs;
  }

  async run(): Promise<InspectedImage> {
    const { sink } = this.#options;
    // A sink with `inspect` checks the bytes itself.
    const inspector = sink.inspect === undefined ? new ImageInspector() : undefined;
    const { response, byteLength } = await this.fetchBytes(inspector);
    const image = inspector === undefined ? sink.inspect?.() : inspector.end();
    if (image?.complete !== true) {
      const type = response.headers.get('content-type')?.split(';')[0] ?? say('download-no-type');
      throw downloadFault(
        'bad-response',
        image === undefined
          ? say('download-no-image', { host: this.#host, type, bytes: byteLength })
          : say('download-damaged', { host: this.#host, bytes: byteLength }),
        { retryable: true, code: image === undefined ? noPictureCode : undefined },
      );
    }
    await this.store((sink) => sink.close());
    return image;
  }

  /** Streams the answer into the sink, which stays open. */
  async fetchBytes(inspector?: ImageInspector): Promise<{ readonly response: Response; readonly byteLength: number }> {
    const response = await this.#open();
    const maxBytes = this.#options.maxBytes ?? defaultMaxBytes;
    const declared = Number(response.headers.get('content-length') ?? Number.NaN);
    if (declared > maxBytes) {
      await response.body?.cancel();
      throw this.#tooLarge(maxBytes);
    }
    const total = Number.isSafeInteger(declared) ? declared : undefined;
    const byteLength = response.body === null ? 0 : await this.#pump(response.body, inspector, maxBytes, total);
    return { response, byteLength };
  }

  /** Any error as an `ImageError`. */
  explain(error: unknown): ImageError {
    if (ImageError.isInstance(error)) return error;
    const host = this.#host;
    const { aborted, reason: cause } = this.#options.signal;
    if (aborted) return downloadFault('aborted', say('download-stopped', { host }), { retryable: true, cause });
    if (this.#signal.reason !== idle) return errorOfFetch(error, host);
    return downloadFault('unavailable', say('download-idle', { host, ms: this.#idleTimeoutMs }), { retryable: true });
  }

  /** Stops following the caller's signal. */
  end(): void {
    this.#abort.release();
  }

  get #signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Follows redirects to a successful answer. */
  async #open(): Promise<Response> {
    const first = parse(String(this.#options.url));
    const guard = new DownloadGuard(first, this.#options.allowedHosts, this.#options.lookup);
    await guard.check(first);
    let url = first;
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      this.#host = url.host;
      const headers = url.origin === first.origin ? this.#options.headers : undefined;
      const response = await this.#withinIdleTime(() =>
        this.#options.fetch(url, { redirect: 'manual', signal: this.#signal, ...(headers && { headers }) }),
      );
      if (response.ok) return response;
      await response.body?.cancel();
      const location = [301, 302, 303, 307, 308].includes(response.status) ? response.headers.get('location') : null;
      if (location === null) throw errorOfStatus(response, url.host, this.#options.isPage404Foreign === true);
      const next = parse(location, url.href);
      await guard.check(next, url);
      url = next;
    }
    const said = say('download-redirects', { host: first.host, max: maxRedirects });
    throw downloadFault('bad-response', said, { retryable: false });
  }

  async #pump(
    body: ReadableStream<Uint8Array>,
    inspector: ImageInspector | undefined,
    maxBytes: number,
    total: number | undefined,
  ): Promise<number> {
    let bytes = 0;
    const reader = body.getReader();
    // Ends a waiting `read`, even if `fetch` ignores the signal.
    const stop = (): void => void reader.cancel().catch(() => undefined);
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      for (;;) {
        this.#signal.throwIfAborted();
        const { done, value } = await this.#withinIdleTime(() => reader.read());
        if (done) break;
        inspector?.write(value);
        bytes += value.byteLength;
        if (bytes > maxBytes) throw this.#tooLarge(maxBytes);
        await this.store((sink) => sink.write(value));
        this.#options.onProgress?.({ type: 'downloading', bytes, ...(total === undefined ? {} : { total }) });
      }
      this.#signal.throwIfAborted();
      return bytes;
    } finally {
      this.#signal.removeEventListener('abort', stop);
      stop();
    }
  }

  async #withinIdleTime<T>(work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#abort.abort(idle), this.#idleTimeoutMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }

  async store(work: (sink: ImageSink) => Promise<void>): Promise<void> {
    try {
      await work(this.#options.sink);
    } catch (error) {
      if (ImageError.isInstance(error)) throw error;
      throw downloadFault('storage', say('download-not-stored'), { retryable: false, cause: error });
    }
  }

  #tooLarge(maxBytes: number): ImageError {
    const said = say('download-large', { host: this.#host, max: maxBytes });
    return downloadFault('bad-response', said, { retryable: false });
  }
}

function parse(text: string, base?: string): URL {
  if (!URL.canParse(text, base)) throw downloadFault('bad-response', say('download-no-url'), { retryable: false });
  return new URL(text, base);
}
