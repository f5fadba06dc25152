import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { LocalCertificate } from './local-certificate.ts';

/** Starts any server on 127.0.0.1 and stops it, with all its connections, when the test is over. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

export async function startHttp(listener: RequestListener): Promise<number> {
  return await listen(createHttpServer(listener));
}

export async function startHttps(certificate: LocalCertificate, listener: RequestListener): Promise<number> {
  return await listen(createHttpsServer({ key: certificate.key, cert: certificate.certificate }, listener));
}

export async function startTcp(onSocket: (socket: Socket) => void): Promise<number> {
  return await listen(createTcpServer(onSocket));
}

/** A port on which nobody listens. */
export async function deadPort(): Promise<number> {
  const server = createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface LocalProxy {
  readonly port: number;
  /** `host:port` of each CONNECT. */
  readonly tunnels: string[];
  /** What each CONNECT said in `Proxy-Authorization`. */
  readonly authorizations: (string | undefined)[];
  /** Requests other than CONNECT: there should be none. */
  readonly plainRequests: IncomingMessage[];
}

/** A proxy that tunnels any name to the same port of this machine, or refuses with a status. */
export async function startProxy(options: { readonly refuseWith?: number } = {}): Promise<LocalProxy> {
  const tunnels: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const plainRequests: IncomingMessage[] = [];
  const server = createHttpServer((request, response) => {
    plainRequests.push(request);
    response.writeHead(500).end();
  });
  server.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    tunnels.push(request.url ?? '');
    authorizations.push(request.headers['proxy-authorization']);
    if (options.refuseWith !== undefined) {
      client.end(`HTTP/1.1 ${options.refuseWith} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port: Number(/:(\d+)$/.exec(request.url ?? '')?.[1]) }, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
    client.on('close', () => upstream.destroy());
  });
  const port = await listen(server);
  return { port, tunnels, authorizations, plainRequests };
}
