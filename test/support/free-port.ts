import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * From here up, Linux gives ports to connections and to servers that name none (`ip_local_port_range`). A port below is still
 * free when a child process listens on it, and when a stopped server starts again.
 */
const firstGivenPort = 32_768;
const firstFreePort = 10_240;

/** A port of 127.0.0.1 on which nothing listens, and that the system gives to nobody else. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = firstFreePort + Math.floor(Math.random() * (firstGivenPort - firstFreePort));
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error('100 ports of this machine are in use.');
}
