import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { paintPng } from '@holodeck/emulators';

/** What the server does with the next request of a kind. */
export type ReplicateFault = 'refuse' | 'page' | 'lose-answer' | 'fail' | 'lose-file' | 'poll-404';

/** A small Replicate: predictions, questions about them, files; as https://replicate.com/docs/reference/http says. */
export async function startReplicateServer() {
  const state = { predictions: [] as Record<string, unknown>[], fault: undefined as ReplicateFault | undefined };
  const picture = paintPng({ width: 64, height: 64, prompt: 'replicate', seed: 1 });
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const json = (status: number, body: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      const { fault } = state;
      if (request.method === 'GET' && request.url === '/out.png') {
        if (fault === 'lose-file') return json(404, { detail: 'not found' });
        response.writeHead(200, { 'content-type': 'image/png' }).end(picture);
        return undefined;
      }
      if (request.method === 'GET') {
        if (fault === 'poll-404') return json(404, { detail: 'The prediction is gone.' });
        return json(200, {
          status: 'succeeded',
          output: [`${origin}/out.png`],
          urls: { get: `${origin}/predictions/1` },
        });
      }
      if (fault === 'page') {
        response.writeHead(422, { 'content-type': 'text/html' }).end('<html>proxy</html>');
        return undefined;
      }
      if (fault === 'refuse')
        return json(422, { detail: 'input.prompt: is not allowed for token r8_secretsecretsecret' });
      state.predictions.push((JSON.parse(Buffer.concat(parts).toString()) as { input: Record<string, unknown> }).input);
      if (fault === 'lose-answer') {
        request.socket.destroy();
        return undefined;
      }
      const status = fault === 'fail' ? 'failed' : 'processing';
      return json(201, { status, error: 'out of memory', urls: { get: `${origin}/predictions/1` } });
    });
  });
  server.on('connection', (socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    predictions: state.predictions,
    setFault(fault?: ReplicateFault): void {
      state.fault = fault;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
