import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Route = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

export interface RawServer {
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Sockets in order of arrival. */
  readonly sockets: WebSocket[];
  readonly upgrades: SeenRequest[];
  /** Resolves when so many sockets have been opened. */
  socketsOpened(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface RawServerOptions {
  /** By `METHOD /path`; a path ending in `*` matches every path with that beginning. Others are 404. */
  readonly routes: Readonly<Record<string, Route>>;
  readonly prefix?: string;
  /** Default true. */
  readonly webSocket?: boolean;
  readonly autoPong?: boolean;
  readonly onSocket?: (socket: WebSocket) => void;
}

/** A minimal server that only gives the test's answers. */
export async function startRawServer(options: RawServerOptions): Promise<RawServer> {
  const { routes, prefix = '', webSocket = true, autoPong = true } = options;
  // A program of another run may still call a port that was its own before: it does not know this folder.
  const own = `/${randomUUID()}`;
  const requests: SeenRequest[] = [];
  const upgrades: SeenRequest[] = [];
  const sockets: WebSocket[] = [];
  let opened: (() => void)[] = [];
  const hub = new WebSocketServer({ noServer: true, autoPong });
  const server = createServer((request, response) => {
    void read(request, own).then(async (seen) => {
      if (seen === undefined) {
        response.writeHead(404).end();
        return;
      }
      requests.push(seen);
      const path = seen.path.startsWith(prefix) ? seen.path.slice(prefix.length) : `outside ${seen.path}`;
      const name = `${seen.method} ${path.replace(/\?.*/, '')}`;
      const route =
        routes[name] ??
        Object.entries(routes).find(([key]) => key.endsWith('*') && name.startsWith(key.slice(0, -1)))?.[1];
      if (route === undefined) response.writeHead(404).end();
      else await route(seen, response);
    });
  });
  server.on('upgrade', (request, stream, head) => {
    const path = pathIn(request, own);
    if (path === undefined) {
      stream.destroy();
      return;
    }
    upgrades.push({ method: 'GET', path, headers: request.headers, body: '' });
    if (!webSocket) {
      // The connection no longer belongs to the HTTP server, so a reset must be handled here.
      stream.on('error', () => undefined);
      stream.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    hub.handleUpgrade(request, stream, head, (socket) => {
      sockets.push(socket);
      options.onSocket?.(socket);
      for (const wake of opened.splice(0)) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${own}${prefix}`,
    requests,
    sockets,
    upgrades,
    async socketsOpened(count) {
      while (sockets.length < count) await new Promise<void>((resolve) => opened.push(resolve));
    },
    async close() {
      opened = [];
      for (const socket of sockets) socket.terminate();
      hub.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The path of a request below a folder; undefined outside it. */
function pathIn({ url = '' }: IncomingMessage, folder: string): string | undefined {
  return url.startsWith(folder) ? url.slice(folder.length) : undefined;
}

async function read(request: IncomingMessage, folder: string): Promise<SeenRequest | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const path = pathIn(request, folder);
  if (path === undefined) return undefined;
  return {
    method: request.method ?? '',
    path,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

export function json(body: unknown, status = 200): Route {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

export function text(body: string, status: number, headers: Record<string, string> = {}): Route {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(body);
  };
}

/** The record of a job that ended well with one file. */
export function finishedHistory(
  id: string,
  outputs: unknown = { '2': { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] } },
): unknown {
  return {
    [id]: {
      prompt: [0, id, {}, {}, ['2']],
      outputs,
      status: { status_str: 'success', completed: true, messages: [['execution_success', { prompt_id: id }]] },
    },
  };
}

/** `event` 1: a picture without metadata; `imageType` 2 is PNG. */
export function pictureFrame(bytes: Buffer, imageType: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(1, 0);
  head.writeUInt32BE(imageType, 4);
  return Buffer.concat([head, bytes]);
}
