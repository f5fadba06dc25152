import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { paintPng } from '@holodeck/emulators';

/** The current fault, until another one or none is set. */
export type ReplicateFault =
  /** A status in Replicate's own shape, in answer to a prediction. */
  | { readonly kind: 'refuse'; readonly status: number; readonly detail: string }
  /** A gateway's page, in answer to a prediction. */
  | { readonly kind: 'page'; readonly status: number }
  /** The connection is reset, before or after the prediction counts. */
  | { readonly kind: 'reset' | 'lose-answer' }
  /** The prediction is not answered until the fault ends. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'fail' | 'poll-404' | 'lose-file' | 'text-file' | 'cut-file' };

/** A small Replicate with predictions, queries and files, as https://replicate.com/docs/reference/http describes. */
export class ReplicateServer {
  readonly token = 'r8_token0123456789token';
  /** The `input` of every accepted prediction. */
  readonly predictions: Record<string, unknown>[] = [];
  /** Requests for predictions, refused ones included. */
  posts = 0;
  /** Connections that are open now. */
  connections = 0;
  /** The pictures of each prediction. */
  readonly #pictures: Buffer[][] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #fault: ReplicateFault | undefined;
  #release = Promise.withResolvers<void>();

  async start(): Promise<this> {
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      socket
        .on('error', () => undefined)
        .once('close', () => {
          this.connections -= 1;
        });
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  setFault(fault?: ReplicateFault): void {
    this.#release.resolve();
    this.#release = Promise.withResolvers();
    this.#fault = fault;
  }

  async close(): Promise<void> {
    this.setFault();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const path = request.url ?? '';
    const fault = this.#fault;
    const [, folder, number = '', index = ''] = path.split('/');
    if (folder === 'files') return this.#sendFile(this.#pictures[Number(number)]?.[Number(index)], response, json);
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      if (request.method === 'POST') this.posts += 1;
      return json(401, { detail: 'You did not pass a valid authentication token.' });
    }
    if (path === '/account') return json(200, { username: 'acme' });
    if (request.method === 'GET') {
      if (fault?.kind === 'poll-404') return json(404, { detail: 'The prediction is gone.' });
      return json(200, this.#prediction(Number(number), 'succeeded'));
    }
    this.posts += 1;
    return this.#predict(Buffer.concat(parts).toString(), request, response, json);
  }

  async #predict(
    body: string,
    request: IncomingMessage,
    response: ServerResponse,
    json: (status: number, body: unknown) => void,
  ): Promise<void> {
    const fault = this.#fault;
    if (fault?.kind === 'refuse') return json(fault.status, { detail: fault.detail });
    if (fault?.kind === 'page') {
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end('<html><body>proxy</body></html>');
      return undefined;
    }
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return undefined;
    }
    const { input } = JSON.parse(body) as { readonly input: Record<string, unknown> };
    this.predictions.push(input);
    const [width = 64, height = 64] = /^\d+x\d+$/.test(String(input['size']))
      ? String(input['size']).split('x').map(Number)
      : [];
    const pictures = Array.from({ length: Number(input['num_outputs'] ?? 1) }, (_, index) =>
      paintPng({ width, height, prompt: String(input['prompt']), seed: this.predictions.length * 10 + index }),
    );
    const id = this.#pictures.push(pictures) - 1;
    if (fault?.kind === 'lose-answer') {
      request.socket.resetAndDestroy();
      return undefined;
    }
    if (fault?.kind === 'hold') await this.#release.promise;
    return json(201, this.#prediction(id, fault?.kind === 'fail' ? 'failed' : 'processing'));
  }

  /** The pictures of the last prediction. */
  get pictures(): readonly Buffer[] {
    return this.#pictures.at(-1) ?? [];
  }

  #prediction(id: number, status: string): unknown {
    const output =
      status === 'succeeded' ? this.#pictures[id]?.map((_, index) => `${this.url}/files/${id}/${index}`) : undefined;
    return {
      status,
      output,
      error: status === 'failed' ? 'out of memory' : undefined,
      urls: { get: `${this.url}/predictions/${id}` },
    };
  }

  #sendFile(whole: Buffer | undefined, response: ServerResponse, json: (status: number, body: unknown) => void): void {
    const fault = this.#fault?.kind;
    if (fault === 'lose-file') return json(404, { detail: 'not found' });
    const picture = fault === 'text-file' ? Buffer.from('This is a text.') : (whole ?? Buffer.alloc(0));
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': picture.length });
    if (fault !== 'cut-file') response.end(picture);
    else response.write(picture.subarray(0, picture.length / 2), () => response.socket?.resetAndDestroy());
    return undefined;
  }
}
