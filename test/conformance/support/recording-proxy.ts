import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAgent } from '@holodeck/core/backend';

/** One recorded exchange. */
export interface RecordedExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** The whole body of the answer; undefined until it is complete. */
  answer?: Buffer;
}

/** A proxy in front of a server that forwards everything unchanged, resets too, and records it. */
export class RecordingProxy {
  readonly exchanges: RecordedExchange[] = [];
  readonly #target: URL;
  readonly #server = createServer((incoming, outgoing) => void this.#pass(incoming, outgoing));
  readonly #sockets = new Set<Socket>();
  #url = '';

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  static async start(target: string): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(target);
    proxy.#server.on('connection', (socket) => {
      proxy.#sockets.add(socket);
      socket.once('close', () => proxy.#sockets.delete(socket));
    });
    proxy.#server.on('upgrade', (incoming, socket, head) => proxy.#tunnel(incoming, socket, head));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    proxy.#url = `http://127.0.0.1:${(proxy.#server.address() as AddressInfo).port}`;
    return proxy;
  }

  get url(): string {
    return this.#url;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const { method = 'GET', url: path = '/', headers } = incoming;
    const exchange: RecordedExchange = { method, path, headers, body: Buffer.concat(chunks) };
    this.exchanges.push(exchange);
    const isRemote = this.#target.protocol === 'https:';
    const onward = (isRemote ? httpsRequest : httpRequest)(
      {
        host: this.#target.hostname,
        port: this.#target.port,
        method,
        path,
        headers: { ...headers, ...(isRemote ? { host: this.#target.host } : {}) },
        // One connection per exchange, so that the proxy adds no reset of an idle one. A real service is reached through the
        // environment's proxies.
        agent: isRemote ? createAgent(this.#target) : false,
      },
      (answer) => {
        const received: Buffer[] = [];
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.flushHeaders();
        answer.on('data', (chunk: Buffer) => received.push(chunk));
        answer.on('end', () => (exchange.answer = Buffer.concat(received)));
        answer.on('error', () => incoming.socket.destroy());
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => {
      if (!outgoing.writableFinished) incoming.socket.resetAndDestroy();
    });
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) onward.destroy();
    });
    onward.end(exchange.body);
  }

  /** WebSockets, byte by byte. */
  #tunnel(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const onward = connect(Number(this.#target.port), this.#target.hostname, () => {
      const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
      const { rawHeaders } = incoming;
      for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
      onward.write(`${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
    onward.on('close', () => socket.destroy());
  }
}
