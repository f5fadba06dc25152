import { IncomingMessage } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFetch } from '../../src/backend.ts';
import type { FetchOptions, NetworkFetch } from '../../src/backend.ts';
import { deadPort, startHttp, startProxy, startTcp } from './local-servers.ts';

async function open(options: FetchOptions = {}): Promise<NetworkFetch> {
  const network = await createFetch(options);
  onTestFinished(() => network.close());
  return network;
}

async function failureOf(attempt: Promise<unknown>): Promise<Error & { code?: string }> {
  const error = await attempt.then(
    () => new Error('it worked'),
    (reason: Error) => reason,
  );
  return error.cause instanceof Error ? error.cause : error;
}

describe('kept connections', () => {
  /** A server that closes each connection when the second request comes over it. */
  async function closingServer(): Promise<{ readonly url: string; readonly seen: string[] }> {
    const used = new WeakSet<object>();
    const seen: string[] = [];
    const port = await startHttp((request, response) => {
      seen.push(`${request.method} ${used.has(request.socket) ? 'again' : 'first'}`);
      if (used.has(request.socket)) request.socket.destroy();
      else response.end('answer');
      used.add(request.socket);
    });
    return { url: `http://127.0.0.1:${port}/`, seen };
  }

  test('a GET on one that the server just closed is retried on a new one', async () => {
    const { url, seen } = await closingServer();
    const { fetch } = await open();
    for (let question = 0; question < 2; question += 1) expect(await (await fetch(url)).text()).toBe('answer');
    expect(seen).toEqual(['GET first', 'GET again', 'GET first']);
  });

  test('anything but GET and HEAD is never retried', async () => {
    const { url, seen } = await closingServer();
    const { fetch } = await open();
    expect(await (await fetch(url, { method: 'POST', body: 'x' })).text()).toBe('answer');
    expect((await failureOf(fetch(url, { method: 'POST', body: 'x' }))).code).toBe('ECONNRESET');
    expect(seen).toEqual(['POST first', 'POST again']);
  });

  test('a new one that is closed is an error', async () => {
    const port = await startHttp((request) => request.socket.destroy());
    const { fetch } = await open();
    expect((await failureOf(fetch(`http://127.0.0.1:${port}/`))).code).toBe('ECONNRESET');
  });
});

describe('proxies', () => {
  test.each(['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'])(
    'this machine is reached directly although %s points to a dead port',
    async (name) => {
      const port = await startHttp((_, response) => response.end('direct'));
      const { fetch } = await open({ environment: { [name]: `http://127.0.0.1:${await deadPort()}` } });
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      expect(await answer.text()).toBe('direct');
      const named = await fetch(`http://localhost:${port}/`);
      expect(await named.text()).toBe('direct');
    },
  );

  test('another host is reached by a tunnel, with the credentials of the variable', async () => {
    const port = await startHttp((request, response) => response.end(`${request.url} for ${request.headers.host}`));
    const proxy = await startProxy();
    const { fetch } = await open({ environment: { HTTP_PROXY: `http://user:pass%20word@127.0.0.1:${proxy.port}` } });
    const answer = await fetch(`http://images.test:${port}/a?b`);
    expect(await answer.text()).toBe(`/a?b for images.test:${port}`);
    expect(proxy.tunnels).toEqual([`images.test:${port}`]);
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('user:pass word').toString('base64')}`]);
    expect(proxy.plainRequests).toEqual([]);
  });

  test('a refusal of the proxy is an error without its password, never an answer', async () => {
    const proxy = await startProxy({ refuseWith: 407 });
    const { fetch } = await open({ environment: { http_proxy: `http://user:secret@127.0.0.1:${proxy.port}` } });
    const failure = await failureOf(fetch('http://images.test/'));
    expect(failure.code).toBe('ERR_PROXY_REFUSED');
    expect(failure.message).toContain('407');
    expect(failure.message).not.toContain('secret');
  });

  test('a proxy that is not there is named', async () => {
    const port = await deadPort();
    const { fetch } = await open({ environment: { http_proxy: `http://user:secret@127.0.0.1:${port}` } });
    const failure = await failureOf(fetch('http://images.test/'));
    expect(failure.code).toBe('ECONNREFUSED');
    expect(failure.message).toBe(`Could not connect to the proxy 127.0.0.1:${port} (ECONNREFUSED).`);
    expect(failure.message).not.toContain('secret');
  });
});

test('connecting is bounded', async () => {
  // Accepts TCP, but never says a word of TLS.
  const port = await startTcp(() => undefined);
  const { fetch } = await open({ connectTimeoutMs: 20 });
  const failure = await failureOf(fetch(`https://127.0.0.1:${port}/`));
  expect(failure.code).toBe('ETIMEDOUT');
});

test('bounds for headers and body hold where they are set', async () => {
  const silent = await startHttp(() => undefined);
  const dripping = await startHttp((_, response) => void response.write('start'));
  // One bound each: on a slow machine the headers of the second answer may take longer than the first bound.
  const headersBound = await open({ headersTimeoutMs: 20 });
  const bodyBound = await open({ bodyTimeoutMs: 20 });
  const body = async (): Promise<string> => {
    const answer = await bodyBound.fetch(`http://127.0.0.1:${dripping}/`);
    return await answer.text();
  };
  const failures = await Promise.all([failureOf(headersBound.fetch(`http://127.0.0.1:${silent}/`)), failureOf(body())]);
  expect(failures.map(({ code }) => code)).toEqual(['ERR_HEADERS_TIMEOUT', 'ERR_BODY_TIMEOUT']);
});

test("Node's FormData and Blob can be sent", async () => {
  const port = await startHttp((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => response.end(`${request.headers['content-type']}\n${Buffer.concat(parts).toString()}`));
  });
  const form = new FormData();
  form.append('image', new Blob(['pixels'], { type: 'image/png' }), 'a.png');
  const { fetch } = await open();
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: form });
  const text = await answer.text();
  expect(text).toMatch(/^multipart\/form-data; boundary=/);
  expect(text).toContain('filename="a.png"');
  expect(text).toContain('pixels');
});

test('an injected fetch is used as it is', async () => {
  const { fetch, send, close } = await createFetch({ fetch: () => Promise.resolve(new Response('mine')) });
  const answer = await fetch('http://images.test/');
  expect(await answer.text()).toBe('mine');
  const { status, body } = await send('http://images.test/');
  expect([status, String((await body?.toArray())?.[0])]).toEqual([200, 'mine']);
  await close();
});

test('send gives the message itself, which copies no chunk', async () => {
  const port = await startHttp((_, response) => response.end('a large answer'));
  const { send } = await open();
  const { status, body } = await send(`http://127.0.0.1:${port}/`);
  expect(status).toBe(200);
  expect(body).toBeInstanceOf(IncomingMessage);
  expect((await body?.toArray())?.join('')).toBe('a large answer');
});

test('close ends running requests', async () => {
  const port = await startHttp(() => undefined);
  const network = await createFetch();
  const failure = failureOf(network.fetch(`http://127.0.0.1:${port}/`));
  await network.close();
  expect((await failure).message).not.toBe('it worked');
});

test('an answer that changes the protocol is an error, not an endless wait', async () => {
  const port = await startTcp((socket) => {
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    );
  });
  const { fetch } = await open();
  expect((await failureOf(fetch(`http://127.0.0.1:${port}/`))).message).toContain('without an answer');
});
