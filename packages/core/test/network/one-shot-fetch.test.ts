import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createOneShotFetch } from '../../src/backend.ts';
import type { FetchOptions, OneShotFetch } from '../../src/backend.ts';
import { createCertificate } from './local-certificate.ts';
import { deadPort, listen, startHttp, startHttps, startProxy, startTcp } from './local-servers.ts';

async function open(options: FetchOptions = {}): Promise<OneShotFetch> {
  const network = await createOneShotFetch(options);
  onTestFinished(() => network.close());
  return network;
}

const post = { method: 'POST', body: '{"prompt":"a lamp"}' };

test('one POST on its own connection', async () => {
  let connections = 0;
  const server = createServer((request, response) => response.end(`${request.method} ${request.headers.connection}`));
  server.on('connection', () => (connections += 1));
  const port = await listen(server);
  for (let round = 1; round <= 2; round += 1) {
    const network = await open();
    expect(network.connectionMade()).toBe(false);
    const answer = await network.fetch(`http://127.0.0.1:${port}/`, post);
    expect(await answer.text()).toBe('POST close');
    expect(network.connectionMade()).toBe(true);
    expect(connections).toBe(round);
  }
});

describe('beforeSend', () => {
  test('is awaited on an open connection before anything is written', async () => {
    const connected = Promise.withResolvers<void>();
    const allowed = Promise.withResolvers<void>();
    let asked = false;
    let received = 0;
    const port = await startTcp((socket) => {
      connected.resolve();
      socket.on('data', (chunk) => {
        received += chunk.length;
        socket.end('HTTP/1.1 204 No Content\r\n\r\n');
      });
    });
    const beforeSend = (): Promise<void> => {
      asked = true;
      return allowed.promise;
    };
    const network = await createOneShotFetch({ beforeSend });
    onTestFinished(() => network.close());
    const answer = network.fetch(`http://127.0.0.1:${port}/`, post);
    await connected.promise;
    await vi.waitFor(() => expect(asked).toBe(true), { timeout: 30_000 });
    expect([network.connectionMade(), received]).toEqual([false, 0]);
    allowed.resolve();
    expect((await answer).status).toBe(204);
    expect(network.connectionMade()).toBe(true);
  });

  test.each(['own', 'injected agent', 'injected fetch'])('stops the request where it throws: %s', async (kind) => {
    let received = 0;
    const closed = Promise.withResolvers<void>();
    const port = await startHttp((_, response) => {
      received += 1;
      response.end();
    });
    const options = {
      own: {},
      'injected agent': { agent: new Agent() },
      'injected fetch': { fetch: (input: string | URL, init?: RequestInit) => fetch(input, init) },
    }[kind];
    const beforeSend = (): Promise<never> => {
      closed.resolve();
      return Promise.reject(new Error('not today'));
    };
    const network = await createOneShotFetch({ ...options, beforeSend });
    onTestFinished(() => network.close());
    await expect(network.fetch(`http://127.0.0.1:${port}/`, post)).rejects.toThrow();
    await closed.promise;
    expect([network.connectionMade(), received]).toEqual([false, 0]);
  });
});

test('a second request is refused before it is sent', async () => {
  let requests = 0;
  const port = await startHttp((_, response) => {
    requests += 1;
    response.end();
  });
  const network = await open();
  const answer = await network.fetch(`http://127.0.0.1:${port}/`, post);
  await answer.text();
  await expect(network.fetch(`http://127.0.0.1:${port}/`, post)).rejects.toThrow('one request only');
  expect(requests).toBe(1);
});

test('a redirect is returned, or an error on request, and never followed', async () => {
  const paths: (string | undefined)[] = [];
  const port = await startHttp((request, response) => {
    paths.push(request.url);
    response.writeHead(307, { location: '/again' }).end();
  });
  const first = await open();
  const answer = await first.fetch(`http://127.0.0.1:${port}/`, { ...post, redirect: 'follow' });
  expect(answer.status).toBe(307);
  const second = await open();
  await expect(second.fetch(`http://127.0.0.1:${port}/`, { ...post, redirect: 'error' })).rejects.toThrow();
  expect(paths).toEqual(['/', '/']);
});

test('status 421, which fetch may retry automatically, does not cause a second request', async () => {
  let requests = 0;
  const port = await startHttp((_, response) => {
    requests += 1;
    response.writeHead(421).end();
  });
  const network = await open();
  await network.fetch(`http://127.0.0.1:${port}/`, post).catch(() => undefined);
  expect(requests).toBe(1);
});

describe('no connection was made', () => {
  test('refused', async () => {
    const network = await open();
    await expect(network.fetch(`http://127.0.0.1:${await deadPort()}/`, post)).rejects.toThrow();
    expect(network.connectionMade()).toBe(false);
  });

  test('a certificate that is not trusted', async () => {
    let requests = 0;
    const port = await startHttps(createCertificate(['localhost']), (_, response) => {
      requests += 1;
      response.end();
    });
    const network = await open();
    await expect(network.fetch(`https://localhost:${port}/`, post)).rejects.toThrow();
    expect(network.connectionMade()).toBe(false);
    expect(requests).toBe(0);
  });

  test.each([403, 407, 502])('the proxy refuses the tunnel with %i', async (status) => {
    const proxy = await startProxy({ refuseWith: status });
    const network = await open({ environment: { http_proxy: `http://127.0.0.1:${proxy.port}` } });
    await expect(network.fetch('http://images.test/', post)).rejects.toThrow();
    expect(network.connectionMade()).toBe(false);
    expect(proxy.plainRequests).toEqual([]);
  });

  test('the proxy hangs up', async () => {
    const port = await startTcp((socket) => socket.once('data', () => socket.destroy()));
    const network = await open({ environment: { http_proxy: `http://127.0.0.1:${port}` } });
    await expect(network.fetch('http://images.test/', post)).rejects.toThrow();
    expect(network.connectionMade()).toBe(false);
  });

  test('an unusable proxy setting', async () => {
    const network = await open({ environment: { http_proxy: 'socks5://127.0.0.1:1080' } });
    await expect(network.fetch('http://images.test/', post)).rejects.toThrow();
    expect(network.connectionMade()).toBe(false);
  });

  test('closed while it is being made', async () => {
    const { promise: accepted, resolve: accept } = Promise.withResolvers<void>();
    const port = await startTcp(() => accept());
    const network = await open();
    const attempt = expect(network.fetch(`https://127.0.0.1:${port}/`, post)).rejects.toThrow();
    await accepted;
    await network.close();
    await attempt;
    expect(network.connectionMade()).toBe(false);
  });

  test('aborted while it is being made', async () => {
    const { promise: accepted, resolve: accept } = Promise.withResolvers<void>();
    const port = await startTcp(() => accept());
    const network = await open();
    const abort = new AbortController();
    const attempt = expect(
      network.fetch(`https://127.0.0.1:${port}/`, { ...post, signal: abort.signal }),
    ).rejects.toThrow('stop');
    await accepted;
    abort.abort(new Error('stop'));
    await attempt;
    expect(network.connectionMade()).toBe(false);
  });
});

describe('a connection was made', () => {
  test('reset after the request', async () => {
    const server = createServer((request) => request.socket.resetAndDestroy());
    const port = await listen(server);
    const network = await open();
    await expect(network.fetch(`http://127.0.0.1:${port}/`, post)).rejects.toThrow();
    expect(network.connectionMade()).toBe(true);
  });

  test('reset by a machine in between at the first byte', async () => {
    const port = await startTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const network = await open();
    await expect(network.fetch(`http://127.0.0.1:${port}/`, post)).rejects.toThrow();
    expect(network.connectionMade()).toBe(true);
  });

  test('through a proxy', async () => {
    const server = createServer((request) => request.socket.resetAndDestroy());
    const port = await listen(server);
    const proxy = await startProxy();
    const network = await open({ environment: { http_proxy: `http://127.0.0.1:${proxy.port}` } });
    await expect(network.fetch(`http://images.test:${port}/`, post)).rejects.toThrow();
    expect(network.connectionMade()).toBe(true);
    expect(proxy.tunnels).toEqual([`images.test:${port}`]);
  });
});

test('with an injected fetch the answer is "perhaps" from the call on', async () => {
  const calls: (RequestInit | undefined)[] = [];
  const network = await createOneShotFetch({
    fetch: (_, init) => {
      calls.push(init);
      return Promise.reject(new TypeError('fetch failed'));
    },
  });
  expect(network.connectionMade()).toBe(false);
  await expect(network.fetch('http://images.test/', post)).rejects.toThrow('fetch failed');
  expect(network.connectionMade()).toBe(true);
  await expect(network.fetch('http://images.test/', post)).rejects.toThrow('one request only');
  expect(calls).toMatchObject([{ method: 'POST', redirect: 'manual' }]);
});

test('the server sees the end of the connection after close', async () => {
  const server = createServer();
  const port = await listen(server);
  const network = await open();
  const attempt = expect(network.fetch(`http://127.0.0.1:${port}/`, post)).rejects.toThrow();
  const [request] = await once(server, 'request');
  const ended = once(request.socket, 'close');
  await network.close();
  await ended;
  await attempt;
});
