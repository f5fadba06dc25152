import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { solid } from './harness.ts';

/** The action that asks for a job of Image 3.0. */
export const query = 'QueryTextToImageJob';
/** The picture of a job that is done. */
export const picture = await solid(64, 48, '#3366cc');

/** One request as it came over the wire. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly action: string;
  readonly json: Record<string, unknown>;
}

export type Answer = (request: SeenRequest, response: ServerResponse, raw: IncomingMessage) => unknown;

/** A bare HTTP server on loopback that records every request of the tests and answers as the test says. */
export class RawServer implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  /** What to do with the next requests; the last one stays. */
  answers: Answer[];
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((raw, response) => void this.#handle(raw, response));

  constructor(...answers: Answer[]) {
    this.answers = answers;
    this.#server.on('connection', (socket) => this.#sockets.add(socket));
  }

  static async start(...answers: Answer[]): Promise<RawServer> {
    const server = new RawServer(...answers);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  count(action: string): number {
    return this.requests.filter((request) => request.action === action).length;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #handle(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isStranger(raw)) {
      this.#sockets.delete(raw.socket);
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of raw) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const request: SeenRequest = {
      method: raw.method ?? '',
      url: raw.url ?? '',
      headers: raw.headers,
      body,
      action: String(raw.headers['x-tc-action'] ?? ''),
      json: body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : {},
    };
    this.requests.push(request);
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    await answer?.(request, response, raw);
  }
}

/**
 * A program of another run may still call a port that was its own before. Requests of the tests name an action or carry a key of
 * the tests; downloads of their pictures do neither.
 */
function isStranger({ headers, url = '' }: IncomingMessage): boolean {
  const hasKey = /AKIDTEST|AKIDOTHER|sk-not-a-real-key/.test(headers.authorization ?? '');
  return headers['x-tc-action'] === undefined && !hasKey && !/^\/[\w-]+\.png(?:\?|$)/.test(url);
}

/** `Response` with these fields. */
export function ok(fields: Record<string, unknown>): Answer {
  return (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ Response: { RequestId: 'request-1', ...fields } }));
  };
}

/** The service's own error. */
export function refusal(code: string, message = 'text of the service'): Answer {
  return ok({ Error: { Code: code, Message: message }, RequestId: 'request-of-refusal' });
}

/** Any status, headers and body. */
export function bare(status: number, body = '', headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** The connection breaks off once the request has been read. */
export const reset: Answer = (_request, response) => {
  response.socket?.resetAndDestroy();
};

/** A done job whose one picture is at this address. */
export function done(url: string, fields: Record<string, unknown> = {}): Answer {
  return ok({
    JobStatusCode: '5',
    JobStatusMsg: '处理完成',
    JobErrorCode: '',
    JobErrorMsg: '',
    ResultImage: [url],
    ResultDetails: ['Success'],
    RevisedPrompt: ['a prompt'],
    ...fields,
  });
}

/** API answers by action, pictures by path. */
export function route(routes: Record<string, Answer>): Answer {
  return (request, response, raw) => {
    const path = request.url.split('?')[0] ?? '';
    const answer = routes[request.action === '' ? path : request.action];
    return answer === undefined ? response.writeHead(500).end() : answer(request, response, raw);
  };
}

/** Answers one after the other; the last one stays. */
export function inTurn(...answers: Answer[]): Answer {
  let next = 0;
  return (request, response, raw) => answers[Math.min(next++, answers.length - 1)]?.(request, response, raw);
}

/** A job in this state, which has no picture yet. */
export function status(code: unknown, fields: Record<string, unknown> = {}): Answer {
  return ok({ JobStatusCode: code, JobStatusMsg: '', JobErrorCode: '', JobErrorMsg: '', ...fields });
}

/** The download of the picture. */
export const png: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(picture);
};

/** A server whose jobs are done with a picture of its own, after these answers. */
export async function serverOf(...before: Answer[]): Promise<RawServer> {
  const server = await RawServer.start();
  server.answers = [
    route({ [query]: inTurn(...before, done(`${server.url}/a.png?q-signature=secret`)), '/a.png': png }),
  ];
  return server;
}
