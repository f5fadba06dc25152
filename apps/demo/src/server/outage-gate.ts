import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** A proxy to a service on this machine that can be closed and opened while the service keeps running. */
export interface OutageGate {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly isOpen: boolean;
  /** Refuses new connections and cuts existing ones. */
  shut(): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a gate on a free port of 127.0.0.1 in front of `targetPort`. */
export async function openOutageGate(targetPort: number): Promise<OutageGate> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Cutting connections is the gate's purpose.
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((incoming) => {
    const outgoing = connect(targetPort, '127.0.0.1');
    keep(incoming);
    keep(outgoing);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.once('close', () => outgoing.destroy());
    outgoing.once('close', () => incoming.destroy());
  });
  let port = await listen(server, 0);
  const gate = {
    url: `http://127.0.0.1:${port}`,
    get isOpen() {
      return server.listening;
    },
    async open() {
      if (!server.listening) port = await listen(server, port);
    },
    async shut() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
    close: () => gate.shut(),
  };
  return gate;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('The gate could not listen.'));
      else resolve(address.port);
    });
  });
}
