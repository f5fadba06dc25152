import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

/** A submission whose answer is cut in its middle; then, what would keep the process. */
const program = `
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { createHunyuanBackend } from '@holodeck/hunyuan';
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
  response.write('{"Response":', () => response.socket.destroy());
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const endpoint = 'http://127.0.0.1:' + server.address().port;
const backend = createHunyuanBackend({ secretId: 'AKIDTESTTESTTEST', secretKey: 'not-a-real-secret-key', endpoint, api: process.argv[1] });
const request = { prompt: 'x', size: { width: 1024, height: 1024 }, references: [], count: 1, providerOptions: {} };
const context = { key: randomUUID(), lane: backend.lanes[0], signal: new AbortController().signal };
const outcome = await backend.submit(request, context).catch((error) => error.outcome);
await backend.close();
server.close();
server.closeAllConnections();
const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
process.stdout.write(JSON.stringify({ outcome, timers }), () => process.exit());
`;

it.each(['image-3.0', '2023-09-01'])('leaves no timer behind that would keep the process (%s)', async (api) => {
  const child = spawn(
    process.execPath,
    ['--conditions=@holodeck/source', '--input-type=module', '--eval', program, api],
    { cwd: resolve(import.meta.dirname, '..'), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(JSON.parse(text)).toEqual({ outcome: 'unknown', timers: 0 });
});
