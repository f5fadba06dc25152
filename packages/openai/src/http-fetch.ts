import { request as httpRequest } from 'node:http';
import type { Agent, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** An answer whose body has not been read. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readable;
}

/**
 * One request over `node:http`. Unlike the built-in `fetch` it has no bounds of its own for slow answers, and a server that
 * closes the connection while the body waits to be read does it no harm (nodejs/undici#5360 ends the process). Redirects are
 * not followed.
 */
export async function httpFetch(url: URL, init: RequestInit, agent: Agent): Promise<HttpAnswer> {
  const headers = new Headers(init.headers);
  const content = await encodeBody(init.body, headers);
  if (content !== undefined) headers.set('content-length', String(content.byteLength));
  const { signal } = init;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = send(url, {
      method: init.method ?? 'GET',
      headers: Object.fromEntries(headers),
      agent,
      ...(signal === undefined || signal === null ? {} : { signal }),
    });
    outgoing.once('response', resolve);
    // Also after the answer began: the body tells of it, but nobody may be left to listen here.
    outgoing.on('error', reject);
    outgoing.end(content);
  });
  return { status: message.statusCode ?? 0, headers: readHeaders(message), body: decoded(message) };
}

/** Bytes of what the SDK hands over: JSON as text, a form with files. */
async function encodeBody(body: RequestInit['body'], headers: Headers): Promise<Uint8Array | undefined> {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return Buffer.from(body);
  const encoded = new Response(body);
  const type = encoded.headers.get('content-type');
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  return new Uint8Array(await encoded.arrayBuffer());
}

function readHeaders(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    try {
      for (const one of [value ?? []].flat()) headers.append(name, one);
    } catch {
      // A header that the standard does not allow is of no use here.
    }
  }
  return headers;
}

/** Compression is not asked for, but some gateways compress all the same. */
function decoded(message: IncomingMessage): Readable {
  const encoding = message.headers['content-encoding']?.toLowerCase();
  const decoder =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'deflate'
        ? createInflate()
        : encoding === 'br'
          ? createBrotliDecompress()
          : undefined;
  // The end and the errors reach the reader of the decoder.
  return decoder === undefined ? message : pipeline(message, decoder, () => undefined);
}
