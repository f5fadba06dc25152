/**
 * The HTTP server under each emulator: 127.0.0.1, a free port, the control endpoint, and a `close()` that ends
 * everything at once.
 */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import type { ControlTarget } from './control.ts';
import { handleControl } from './control.ts';
import { Exchange } from './exchange.ts';

export interface BaseServerOptions {
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  clock?: Clock;
  /** Answers everything but the control endpoint. Each answer carries the header `x-emulator: holodeck`. */
  handle: (exchange: Exchange) => Promise<void>;
  control: ControlTarget;
}

export interface BaseServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** For `upgrade` and the like. */
  readonly server: Server;
  /** Resets every connection but `except`, as a crash of the service would. */
  dropConnections(except?: Socket): void;
  close(): Promise<void>;
}

/** @throws the operating system's error (EADDRINUSE, EACCES) when the port cannot be had. */
export async function startBaseServer(options: BaseServerOptions): Promise<BaseServer> {
  const { host = '127.0.0.1', clock = systemClock, control } = options;
  const sockets = new Set<Socket>();
  let origin = '';
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 }, (request, response) => {
    response.setHeader('x-emulator', 'holodeck');
    const exchange = new Exchange(request, response, origin, clock);
    const work = exchange.url.pathname.startsWith('/__') ? handleControl(exchange, control) : options.handle(exchange);
    work.catch((error: unknown) => {
      // A client that hangs up while it sends is not a failure of the emulator.
      if (exchange.signal.aborted || request.destroyed) return;
      control.ledger.internalErrors.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      if (response.headersSent) exchange.reset();
      else
        response.writeHead(500, { 'content-type': 'text/plain' }).end('The emulator itself failed; see GET /__ledger');
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The emulator could not listen.');
  const { port } = address;
  origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url: origin,
    port,
    server,
    dropConnections(except) {
      for (const socket of sockets) if (socket !== except) socket.resetAndDestroy();
    },
    async close() {
      if (!server.listening) return;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
    },
  };
}
