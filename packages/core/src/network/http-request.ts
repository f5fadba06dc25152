import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { nodeHttp, nodeHttps } from './node-modules.ts';

/** Bounds of one request, in milliseconds; 0 or absent = none. */
export interface RequestBounds {
  readonly headersTimeoutMs?: number | undefined;
  readonly bodyTimeoutMs?: number | undefined;
}

/** Statuses without a body (https://fetch.spec.whatwg.org/#null-body-status). */
const bodyless: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** An answer with an unread body. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** The memory of its chunks is the reader's alone, except with an injected `fetch`. */
  readonly body: Readable | undefined;
}

export function toResponse({ body, ...details }: HttpAnswer): Response {
  return new Response(body === undefined ? null : (Readable.toWeb(body) as ReadableStream<Uint8Array>), details);
}

/** The answer of an injected `fetch`. */
export function fromResponse({ status, statusText, headers, body }: Response): HttpAnswer {
  const readable = body === null ? undefined : Readable.fromWeb(body as NodeReadableStream);
  return { status, statusText, headers, body: readable };
}

/**
 * One request over `node:http` with the arguments of `fetch`. The built-in `fetch` gives up after 300 s, and crashes the process
 * if a server closes the connection while the body is unread (https://github.com/nodejs/undici/issues/5360). Redirects are
 * never followed: the caller gets them, or an error with `redirect: "error"`.
 */
export async function sendHttpRequest(
  input: string | URL,
  init: RequestInit,
  agent: Agent,
  bounds: RequestBounds,
  onRequest: (request: ClientRequest) => void = () => undefined,
): Promise<HttpAnswer> {
  const url = typeof input === 'string' ? new URL(input) : input;
  const signal = init.signal ?? undefined;
  signal?.throwIfAborted();
  const headers: Record<string, string> = { accept: '*/*', ...plainHeaders(init.headers) };
  const content = await encodeBody(init.body, headers);
  if (content !== undefined) headers['content-length'] = String(content.byteLength);
  let message: IncomingMessage;
  try {
    message = await exchange(url, { init, headers, content, agent, bounds, onRequest });
  } catch (error) {
    signal?.throwIfAborted();
    throw new TypeError('fetch failed', { cause: error });
  }
  return toAnswer(message, init, bounds);
}

interface Exchange {
  readonly init: RequestInit;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Uint8Array | undefined;
  readonly agent: Agent;
  readonly bounds: RequestBounds;
  readonly onRequest: (request: ClientRequest) => void;
}

/**
 * The answer to one request. A GET on a kept connection that the server just closed is retried, at last on a new connection:
 * such a reset is normal (https://nodejs.org/api/http.html#requestreusedsocket).
 */
async function exchange(url: URL, parts: Exchange): Promise<IncomingMessage> {
  const { init, headers, content, agent, bounds, onRequest } = parts;
  const method = init.method ?? 'GET';
  const signal = init.signal ?? undefined;
  for (;;) {
    const send = url.protocol === 'https:' ? nodeHttps().request : nodeHttp().request;
    const outgoing = send(url, { method, headers, agent });
    onRequest(outgoing);
    try {
      return await answerTo(outgoing, content, bounds, signal);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      const stale = outgoing.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
      if (!stale || (method !== 'GET' && method !== 'HEAD')) throw error;
    }
  }
}

async function answerTo(
  outgoing: ClientRequest,
  content: Uint8Array | undefined,
  bounds: RequestBounds,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return await new Promise<IncomingMessage>((resolve, reject) => {
    // Until the body is read. Node's own option `signal` adds a dozen listeners to each request.
    const stop = (): void => void outgoing.destroy(new Error('The request was aborted.'));
    signal?.addEventListener('abort', stop, { once: true });
    const timer = bounds.headersTimeoutMs
      ? setTimeout(() => outgoing.destroy(timeoutError('ERR_HEADERS_TIMEOUT', 'no answer')), bounds.headersTimeoutMs)
      : undefined;
    outgoing.once('response', resolve);
    // Stays after the answer: without a listener, a late error would crash the process. The body reports it.
    outgoing.on('error', reject);
    outgoing.once('response', () => clearTimeout(timer));
    outgoing.once('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      // A protocol upgrade (101) closes the request without an answer.
      reject(new Error('the connection was closed without an answer'));
    });
    if (signal?.aborted === true) stop();
    else outgoing.end(content);
  });
}

function toAnswer(message: IncomingMessage, init: RequestInit, bounds: RequestBounds): HttpAnswer {
  const status = message.statusCode ?? 0;
  const refuse = (detail: string): never => {
    message.destroy();
    throw new TypeError('fetch failed', { cause: new Error(detail) });
  };
  if (status < 200 || status > 599) return refuse(`the status ${status} is not one of an answer`);
  if (init.redirect === 'error' && status >= 300 && status < 400) return refuse(`the server redirects (${status})`);
  const details = { status, statusText: message.statusMessage ?? '', headers: readHeaders(message) };
  if (bodyless.has(status) || init.method === 'HEAD') {
    message.resume();
    return { ...details, body: undefined };
  }
  const late = (): unknown => message.destroy(timeoutError('ERR_BODY_TIMEOUT', 'no further byte'));
  if (bounds.bodyTimeoutMs) message.setTimeout(bounds.bodyTimeoutMs, late);
  return { ...details, body: decoded(message) };
}

function timeoutError(code: string, what: string): Error {
  return Object.assign(new Error(`${what} in time`), { code });
}

async function encodeBody(body: RequestInit['body'], headers: Record<string, string>): Promise<Uint8Array | undefined> {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') {
    headers['content-type'] ??= 'text/plain;charset=UTF-8';
    return Buffer.from(body);
  }
  const encoded = new Response(body);
  const type = encoded.headers.get('content-type');
  if (type !== null) headers['content-type'] ??= type;
  return new Uint8Array(await encoded.arrayBuffer());
}

/** By lower-case names. Avoids `Headers` unless the caller passes one: they cost more than sending the request. */
function plainHeaders(given: RequestInit['headers']): Record<string, string> {
  if (given === undefined) return {};
  if (given instanceof Headers) return Object.fromEntries(given);
  if (Array.isArray(given)) return Object.fromEntries(new Headers(given));
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(given as Record<string, unknown>))
    plain[name.toLowerCase()] = String(value).trim();
  return plain;
}

function readHeaders(message: IncomingMessage): Headers {
  const { 'set-cookie': cookies, ...simple } = message.headers;
  if (cookies === undefined) {
    try {
      return new Headers(simple as Record<string, string>);
    } catch {
      // Some header is invalid: add them one by one.
    }
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of [value ?? []].flat()) {
      try {
        headers.append(name, one);
      } catch {
        // Skip a header that the standard does not allow.
      }
    }
  }
  return headers;
}

/** We do not ask for compression, but some gateways compress anyway. */
function decoded(message: IncomingMessage): Readable {
  const encoding = message.headers['content-encoding']?.trim().toLowerCase();
  const decoders = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress };
  const decoder = Object.entries(decoders).find(([name]) => name === encoding)?.[1]();
  // The end and the errors reach the reader of the decoder.
  return decoder === undefined ? message : pipeline(message, decoder, () => undefined);
}
