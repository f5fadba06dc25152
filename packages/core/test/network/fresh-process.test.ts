import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createCertificate } from './local-certificate.ts';
import { startHttps, startProxy } from './local-servers.ts';

const core = new URL('../../src/backend.ts', import.meta.url).href;

async function runNode(script: string, environment: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script.replace('CORE', core)],
    { env: { PATH: process.env.PATH, ...environment }, cwd: fileURLToPath(new URL('.', import.meta.url)) },
  );
  return stdout.trim();
}

test('NODE_EXTRA_CA_CERTS is trusted by fetches and agents, directly and through a proxy', async () => {
  const certificate = createCertificate(['localhost', 'images.test']);
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'extra.pem');
  await writeFile(file, certificate.certificate);
  const port = await startHttps(certificate, (_, response) => response.end('trusted'));
  const proxy = await startProxy();
  const script = `
    import { createAgent, createFetch, createOneShotFetch } from 'CORE';
    import { request } from 'node:https';
    for (const host of ['localhost', 'images.test']) {
      const url = 'https://' + host + ':${port}/';
      for (const create of [createFetch, createOneShotFetch]) {
        const network = await create();
        console.log(await (await network.fetch(url)).text());
        await network.close();
      }
      const agent = createAgent(new URL(url));
      const outgoing = request(url, { agent }).end();
      const [answer] = await (await import('node:events')).once(outgoing, 'response');
      console.log(await answer.setEncoding('utf8').toArray().then((parts) => parts.join('')));
      agent.destroy();
    }`;
  const output = await runNode(script, {
    NODE_EXTRA_CA_CERTS: file,
    https_proxy: `http://127.0.0.1:${proxy.port}`,
  });
  expect(output.split('\n')).toEqual(Array.from({ length: 6 }, () => 'trusted'));
  expect(proxy.tunnels).toEqual(Array.from({ length: 3 }, () => `images.test:${port}`));
});

// Node's built-in fetch ends the process here: https://github.com/nodejs/undici/issues/5360
test('a server that closes the connection while the body is unread does not crash the process', async () => {
  const output = await runNode(
    `
    import { createServer } from 'node:net';
    import { createFetch } from 'CORE';
    const body = Buffer.alloc(4_000_000, 97);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: ' + body.length + '\\r\\nConnection: close\\r\\n\\r\\n');
        socket.end(body);
      });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { fetch, close } = await createFetch();
    const answer = await fetch('http://127.0.0.1:' + server.address().port + '/');
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log((await answer.arrayBuffer()).byteLength);
    await close();
    server.close();`,
    {},
  );
  expect(output).toBe('4000000');
});
