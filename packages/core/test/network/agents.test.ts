import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request as requestHttp } from 'node:http';
import type { Agent as HttpAgent, IncomingMessage } from 'node:http';
import { createServer as createHttpsServer, request as requestHttps } from 'node:https';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createAgent, createOneShotAgent } from '../../src/backend.ts';
import type { AgentOptions, OneShotAgent } from '../../src/backend.ts';
import { createCertificate } from './local-certificate.ts';
import { deadPort, listen, startHttp, startHttps, startProxy, startTcp } from './local-servers.ts';

const certificate = createCertificate(['localhost', 'images.test']);

beforeAll(() => {
  setDefaultCACertificates([...getCACertificates('default'), certificate.certificate]);
});

interface Answer {
  readonly status: number | undefined;
  readonly location: string | undefined;
  readonly text: string;
}

function send(url: string, agent: HttpAgent, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? requestHttps : requestHttp;
    const outgoing = request(url, { agent, method: 'POST' }, (response: IncomingMessage) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          location: response.headers.location,
          text: Buffer.concat(parts).toString(),
        }),
      );
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function agentFor(url: string, options: AgentOptions = {}): HttpAgent {
  const agent = createAgent(new URL(url), options);
  onTestFinished(() => agent.destroy());
  return agent;
}

function oneShotFor(url: string, options: AgentOptions = {}): OneShotAgent {
  const shot = createOneShotAgent(new URL(url), options);
  onTestFinished(() => shot.destroy());
  return shot;
}

describe('createAgent', () => {
  test('keeps its connection for the next request', async () => {
    let connections = 0;
    const server = createServer((_, response) => response.end('ok'));
    server.on('connection', () => (connections += 1));
    const url = `http://127.0.0.1:${await listen(server)}/`;
    const agent = agentFor(url);
    for (let round = 0; round < 3; round += 1) expect((await send(url, agent)).text).toBe('ok');
    expect(connections).toBe(1);
  });

  test.each(['http_proxy', 'HTTPS_PROXY'])('reaches this machine directly although %s is dead', async (name) => {
    const url = `http://127.0.0.1:${await startHttp((_, response) => response.end('direct'))}/`;
    const agent = agentFor(url, { environment: { [name]: `http://127.0.0.1:${await deadPort()}` } });
    expect((await send(url, agent)).text).toBe('direct');
  });

  test('tunnels to other hosts, plain and with TLS', async () => {
    const plain = await startHttp((request, response) => response.end(`plain ${request.headers.host}`));
    const secure = await startHttps(certificate, (request, response) => response.end(`secure ${request.headers.host}`));
    const proxy = await startProxy();
    const address = `http://127.0.0.1:${proxy.port}`;
    const environment = { http_proxy: address, https_proxy: address };
    for (const [url, expected] of [
      [`http://images.test:${plain}/`, `plain images.test:${plain}`],
      [`https://images.test:${secure}/`, `secure images.test:${secure}`],
    ] as const) {
      expect((await send(url, agentFor(url, { environment }))).text).toBe(expected);
    }
    expect(proxy.tunnels).toEqual([`images.test:${plain}`, `images.test:${secure}`]);
  });

  test('connectTo keeps the host that the vendor signs, and connects to the endpoint without TLS', async () => {
    const port = await startHttp((request, response) => response.end(request.headers.host));
    const agent = agentFor('https://images.vendor.test/', {
      connectTo: { host: '127.0.0.1', port, secure: false },
      environment: { https_proxy: `http://127.0.0.1:${await deadPort()}` },
    });
    expect((await send('https://images.vendor.test/', agent)).text).toBe('images.vendor.test');
  });

  test('connectTo with TLS asks for the certificate of the endpoint', async () => {
    const names: (string | undefined)[] = [];
    const server = createTlsServer({
      key: certificate.key,
      cert: certificate.certificate,
      SNICallback: (name, done) => {
        names.push(name);
        done(null);
      },
    });
    const hosts: string[] = [];
    server.on('secureConnection', (socket) => {
      socket.once('data', (data: Buffer) => {
        hosts.push(/^host: (.*)$/im.exec(data.toString())?.[1]?.trim() ?? '');
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    const port = await listen(server);
    const agent = agentFor('http://images.vendor.test/', { connectTo: { host: 'localhost', port, secure: true } });
    expect((await send('http://images.vendor.test/', agent)).text).toBe('ok');
    expect(names).toEqual(['localhost']);
    expect(hosts).toEqual(['images.vendor.test']);
  });

  test('a refusal of the proxy is an error, not an answer', async () => {
    const proxy = await startProxy({ refuseWith: 403 });
    const url = 'http://images.test/';
    const agent = agentFor(url, { environment: { http_proxy: `http://127.0.0.1:${proxy.port}` } });
    await expect(send(url, agent)).rejects.toMatchObject({ code: 'ERR_PROXY_REFUSED' });
  });

  test('returns an injected agent', () => {
    const agent = new Agent();
    expect(createAgent(new URL('http://images.test'), { agent })).toBe(agent);
  });
});

describe('createOneShotAgent', () => {
  test('one request; the connection ends with it', async () => {
    const server = createServer((_, response) => response.end('ok'));
    const port = await listen(server);
    const ended = once(server, 'connection').then(([socket]) => once(socket, 'close'));
    const shot = oneShotFor(`http://127.0.0.1:${port}/`);
    expect(shot.connectionMade()).toBe(false);
    expect((await send(`http://127.0.0.1:${port}/`, shot.agent, 'body')).text).toBe('ok');
    expect(shot.connectionMade()).toBe(true);
    expect(shot.redirected()).toBe(false);
    await ended;
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a connection for each request, but one full handshake: %s',
    async (maxVersion) => {
      const server = createHttpsServer(
        { key: certificate.key, cert: certificate.certificate, maxVersion },
        (_, response) => response.end('ok'),
      );
      const resumed: boolean[] = [];
      server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
      const url = `https://localhost:${await listen(server)}/`;
      for (let request = 0; request < 4; request += 1) expect((await send(url, oneShotFor(url).agent)).text).toBe('ok');
      expect(resumed).toEqual([false, true, true, true]);
      // A server that forgets its sessions gets a full handshake again, not an error.
      server.setTicketKeys(randomBytes(48));
      expect((await send(url, oneShotFor(url).agent)).text).toBe('ok');
      expect(resumed.at(-1)).toBe(false);
    },
  );

  test.each(['same host', 'other protocol'])('a followed redirect is refused before it is sent: %s', async (kind) => {
    const paths: (string | undefined)[] = [];
    const secure = await startHttps(certificate, (request, response) => {
      paths.push(request.url);
      response.end();
    });
    const port = await startHttp((request, response) => {
      paths.push(request.url);
      const location = kind === 'same host' ? `http://127.0.0.1:${port}/next` : `https://localhost:${secure}/next`;
      response.writeHead(307, { location }).end();
    });
    const shot = oneShotFor(`http://127.0.0.1:${port}/`);
    const answer = await send(`http://127.0.0.1:${port}/`, shot.agent);
    await expect(send(answer.location ?? '', shot.agent)).rejects.toThrow('second request');
    expect(shot.redirected()).toBe(true);
    expect(paths).toEqual(['/']);
  });

  test('refused, untrusted or without a tunnel: no connection was made', async () => {
    const refuses = await startProxy({ refuseWith: 502 });
    const untrusted = await startHttps(createCertificate(['localhost']), (_, response) => response.end());
    const environment = { http_proxy: `http://127.0.0.1:${refuses.port}` };
    for (const url of [
      `http://127.0.0.1:${await deadPort()}/`,
      `https://localhost:${untrusted}/`,
      'http://images.test/',
    ]) {
      const shot = oneShotFor(url, { environment });
      await expect(send(url, shot.agent)).rejects.toThrow();
      expect([url, shot.connectionMade()]).toEqual([url, false]);
    }
  });

  test('a reset after the request: a connection was made', async () => {
    const server = createServer((request) => request.socket.resetAndDestroy());
    const url = `http://127.0.0.1:${await listen(server)}/`;
    const shot = oneShotFor(url);
    await expect(send(url, shot.agent)).rejects.toThrow();
    expect(shot.connectionMade()).toBe(true);
  });

  test('destroy ends a connection that is being made', async () => {
    const { promise: accepted, resolve: accept } = Promise.withResolvers<void>();
    const port = await startTcp(() => accept());
    const shot = oneShotFor(`https://127.0.0.1:${port}/`);
    const attempt = expect(send(`https://127.0.0.1:${port}/`, shot.agent)).rejects.toThrow('was stopped');
    await accepted;
    shot.destroy();
    await attempt;
    expect(shot.connectionMade()).toBe(false);
  });

  test('limits an injected agent to one request, and counts it as sent', async () => {
    let requests = 0;
    const port = await startHttp((_, response) => {
      requests += 1;
      response.end('ok');
    });
    const injected = new Agent({ keepAlive: true });
    onTestFinished(() => injected.destroy());
    const shot = createOneShotAgent(new URL(`http://127.0.0.1:${port}/`), { agent: injected });
    expect(shot.connectionMade()).toBe(false);
    expect((await send(`http://127.0.0.1:${port}/`, shot.agent)).text).toBe('ok');
    expect(shot.connectionMade()).toBe(true);
    await expect(send(`http://127.0.0.1:${port}/`, shot.agent)).rejects.toThrow('second request');
    expect(shot.redirected()).toBe(true);
    expect(requests).toBe(1);
    shot.destroy();
    expect((await send(`http://127.0.0.1:${port}/`, injected)).text).toBe('ok');
  });
});
