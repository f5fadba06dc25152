import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Headers that identify requests from other pages. */
const originHeaders = ['origin', 'referer', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'];

/** A gateway in front of a server of 127.0.0.1. */
export interface Gateway {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Shows a server's page in a sandbox, as some gateways do: its origin is opaque, so that the browser refuses it locks and storage.
 * The page's requests are forwarded as if it had an origin.
 */
export async function startSandboxingGateway(port: number): Promise<Gateway> {
  const server = createServer((incoming, outgoing) => {
    const headers: IncomingHttpHeaders = { ...incoming.headers, host: `127.0.0.1:${port}` };
    for (const name of originHeaders) delete headers[name];
    const call = { host: '127.0.0.1', port, path: incoming.url, method: incoming.method, headers, agent: false };
    const passed = request(call, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, {
        ...answer.headers,
        'content-security-policy': 'sandbox allow-scripts',
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
        'cross-origin-opener-policy': 'unsafe-none',
      });
      answer.pipe(outgoing);
    });
    // The page goes, or the server.
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
