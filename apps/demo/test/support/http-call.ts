import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

/** An answer, unchanged. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request. Unlike with `fetch`, it can have any header and any address. */
export interface HttpCall {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sent in chunks without a length. */
  readonly isChunked?: boolean;
}

/** Calls 127.0.0.1 on `port`. */
export function callHttp(port: number, path: string, call: HttpCall = {}): Promise<HttpAnswer> {
  const { method = 'GET', headers = {}, body, isChunked = false } = call;
  return new Promise((resolve, reject) => {
    const length = body === undefined || isChunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { ...headers, ...length }, agent: false });
    let isAnswered = false;
    sent.on('response', (response) => {
      isAnswered = true;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    // A server that refuses a body may close before it has read it all.
    sent.on('error', (error) => {
      if (!isAnswered) reject(error);
    });
    sent.end(body);
  });
}

/** The code of an error's body. */
export function codeOf({ text }: HttpAnswer): string {
  return (JSON.parse(text) as { error: { code: string } }).error.code;
}
