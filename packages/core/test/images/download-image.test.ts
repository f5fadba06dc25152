import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ImageError } from '../../src/index.ts';
import { createFetch, createLookup, downloadImage, legalOutcomes } from '../../src/backend.ts';
import type { ProgressEvent } from '../../src/index.ts';
import type { DownloadImageOptions, FetchLike, ImageSink } from '../../src/backend.ts';
import { deadPort, listen, startHttp } from '../network/local-servers.ts';
import { createSampleImages } from './sample-images.ts';

const [png] = await createSampleImages();
if (png === undefined) throw new Error('There is no sample.');
const bytes = Buffer.from(png.bytes);
const signature = 'q-signature=0123456789abcdef';

class MemorySink implements ImageSink {
  readonly chunks: Uint8Array[] = [];
  state: 'open' | 'closed' | 'aborted' = 'open';

  write(chunk: Uint8Array): Promise<void> {
    this.chunks.push(new Uint8Array(chunk));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.state = 'closed';
    return Promise.resolve();
  }

  abort(): Promise<void> {
    this.state = 'aborted';
    return Promise.resolve();
  }
}

type Options = Partial<DownloadImageOptions> & Pick<DownloadImageOptions, 'url'>;

async function download(options: Options): Promise<{ sink: MemorySink; error?: ImageError; image?: object }> {
  const network = await createFetch();
  onTestFinished(() => network.close());
  const sink = new MemorySink();
  const signal = new AbortController().signal;
  try {
    const image = await downloadImage({ sink, signal, fetch: network.fetch, ...options });
    return { sink, image };
  } catch (error) {
    if (!ImageError.isInstance(error)) throw error;
    expect(legalOutcomes[error.kind]).toContain(error.outcome);
    expect(JSON.stringify(error)).not.toContain('0123456789abcdef');
    return { sink, error };
  }
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await startHttp(listener)}/out/0.png?${signature}`;
}

/** A `fetch` of a provider on the internet: each address has one answer. */
function answers(byUrl: Readonly<Record<string, () => Response>>): { fetch: FetchLike; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    fetch: (input) => {
      const url = String(input);
      asked.push(url);
      return Promise.resolve(byUrl[url]?.() ?? new Response(null, { status: 500 }));
    },
  };
}

const redirectTo =
  (location: string, status = 302) =>
  (): Response =>
    new Response(null, { status, headers: { location } });

test('an image goes into the sink unchanged and is checked by its bytes', async () => {
  const url = await serve((_, response) => {
    // What the header says does not count.
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': bytes.byteLength });
    response.write(bytes.subarray(0, 100));
    response.end(bytes.subarray(100));
  });
  const events: ProgressEvent[] = [];
  const { sink, image } = await download({ url, onProgress: (event) => events.push(event) });
  expect(image).toEqual({
    mediaType: 'image/png',
    width: png.width,
    height: png.height,
    hasAlpha: false,
    complete: true,
    byteLength: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  expect(Buffer.concat(sink.chunks)).toEqual(bytes);
  expect(sink.state).toBe('closed');
  expect(events.at(-1)).toEqual({ type: 'downloading', bytes: bytes.byteLength, total: bytes.byteLength });
});

describe('an incomplete image is refused and may be fetched again', () => {
  const cases: [string, string | undefined, RequestListener][] = [
    [
      'a page',
      'no-picture',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>please wait</html>'),
    ],
    ['nothing', 'no-picture', (_, response) => response.end()],
    ['half an image without a length', undefined, (_, response) => response.end(bytes.subarray(0, bytes.length / 2))],
    ['a damaged image', undefined, (_, response) => response.end(Buffer.from(bytes).fill(0, 60, 70))],
  ];
  test.each(cases)('%s', async (_, code, listener) => {
    const { sink, error } = await download({ url: await serve(listener) });
    expect(error).toMatchObject({ kind: 'bad-response', outcome: 'accepted', retryable: true });
    expect(error?.code).toBe(code);
    expect(sink.state).toBe('aborted');
  });
});

describe('status', () => {
  test.each([
    [401, 'job-failed', 'lost', false],
    [403, 'job-failed', 'lost', false],
    [404, 'job-failed', 'lost', false],
    [410, 'job-failed', 'lost', false],
    [400, 'bad-response', 'accepted', false],
    [304, 'bad-response', 'accepted', false],
    [408, 'unavailable', 'accepted', true],
    [429, 'rate-limit', 'accepted', true],
    [500, 'unavailable', 'accepted', true],
    [503, 'unavailable', 'accepted', true],
  ])('%i is %s with outcome %s', async (status, kind, outcome, retryable) => {
    const url = await serve((_, response) => response.writeHead(status, { 'retry-after': '7' }).end());
    const { error } = await download({ url });
    expect(error).toMatchObject({ kind, outcome, retryable });
    expect(error?.message).toContain(String(status));
    expect(error?.retryAfterMs).toBe(retryable ? 7000 : undefined);
  });
});

describe('a refusal', () => {
  test.each([
    [401, 'text/html; charset=utf-8', 'accepted'],
    [403, 'text/html', 'accepted'],
    [403, 'Application/XHTML+xml', 'accepted'],
    [403, 'application/xml', 'lost'],
    [403, 'text/plain', 'lost'],
    [404, 'text/html', 'lost'],
  ])('with status %i and %s leaves the image %s', async (status, type, outcome) => {
    const url = await serve((_, response) => response.writeHead(status, { 'content-type': type }).end('no'));
    const { error } = await download({ url });
    expect(error).toMatchObject({ outcome, code: outcome === 'accepted' ? 'no-picture' : String(status) });
    expect(error?.message).not.toContain(signature);
  });
});

test('a page with 404 leaves the image where it comes from something in between', async () => {
  const url = await serve((_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('no'));
  const { error } = await download({ url, isPage404Foreign: true });
  expect(error).toMatchObject({ outcome: 'accepted', code: 'no-picture' });
});

describe('faults of the network', () => {
  test('no server listens', async () => {
    const { error } = await download({ url: `http://127.0.0.1:${await deadPort()}/a.png?${signature}` });
    expect(error).toMatchObject({ kind: 'unavailable', outcome: 'accepted', retryable: true });
    expect(error?.message).toContain('ECONNREFUSED');
  });

  test('the connection breaks in the middle', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': bytes.byteLength });
      response.write(bytes.subarray(0, 200), () => response.destroy());
    });
    const { sink, error } = await download({ url });
    expect(error).toMatchObject({ kind: 'unavailable', outcome: 'accepted', retryable: true });
    expect(sink.state).toBe('aborted');
  });

  test.each(['before the headers', 'in the body'])('no byte for too long, %s', async (when) => {
    const url = await serve((_, response) => {
      if (when === 'in the body') response.write(bytes.subarray(0, 200));
    });
    const { error } = await download({ url, idleTimeoutMs: 30 });
    expect(error).toMatchObject({ kind: 'unavailable', outcome: 'accepted', retryable: true });
    expect(error?.message).toContain('30 ms');
  });
});

test('an abort takes effect at once and closes the connection', async () => {
  const server = createServer((_, response) => void response.write(bytes.subarray(0, 200)));
  const closed = once(server, 'connection').then(([socket]) => once(socket, 'close'));
  const port = await listen(server);
  const abort = new AbortController();
  const { sink, error } = await download({
    url: `http://127.0.0.1:${port}/a.png?${signature}`,
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  expect(error).toMatchObject({ kind: 'aborted', outcome: 'accepted' });
  expect(sink.state).toBe('aborted');
  await closed;
});

describe('size', () => {
  test('a declared length over the limit is refused unread', async () => {
    const url = await serve((_, response) => response.writeHead(200, { 'content-length': 5000 }).flushHeaders());
    const { sink, error } = await download({ url, maxBytes: 4999 });
    expect(error).toMatchObject({ kind: 'bad-response', outcome: 'accepted', retryable: false });
    expect(sink.chunks).toEqual([]);
  });

  test('an undeclared one ends at the limit', async () => {
    const url = await serve((_, response) => response.end(bytes));
    const { error } = await download({ url, maxBytes: bytes.byteLength - 1 });
    expect(error).toMatchObject({ kind: 'bad-response', outcome: 'accepted', retryable: false });
    const { image } = await download({ url, maxBytes: bytes.byteLength });
    expect(image).toBeDefined();
  });
});

describe('a sink that fails', () => {
  test('is a storage error', async () => {
    const url = await serve((_, response) => response.end(bytes));
    const sink = new MemorySink();
    sink.write = () => Promise.reject(new Error('ENOSPC'));
    const { error } = await download({ url, sink });
    expect(error).toMatchObject({ kind: 'storage', outcome: 'accepted' });
    expect(sink.state).toBe('aborted');
  });

  test('keeps its own error', async () => {
    const url = await serve((_, response) => response.end(bytes));
    const sink = new MemorySink();
    sink.close = () =>
      Promise.reject(new ImageError({ kind: 'storage', outcome: 'accepted', message: 'The disk is full.' }));
    const { error } = await download({ url, sink });
    expect(error?.message).toBe('The disk is full.');
  });
});

describe('redirects', () => {
  test('up to five are followed, relative ones too', async () => {
    const url = await serve((request, response) => {
      const step = Number(request.url?.slice(1)) || 0;
      if (step === 5) response.end(bytes);
      else response.writeHead(302, { location: `/${step + 1}` }).end();
    });
    const { image } = await download({ url });
    expect(image).toBeDefined();
  });

  test('a sixth is refused', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.writeHead(302, { location: `/${requests}` }).end();
    });
    const { error } = await download({ url });
    expect(error).toMatchObject({ kind: 'bad-response', outcome: 'accepted', retryable: false });
    expect(requests).toBe(6);
  });

  test('headers go to the first origin only', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end(bytes);
    });
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: request.url === '/same' ? other : '/same' }).end();
    });
    await download({ url, headers: { authorization: 'Bearer key' } });
    expect(seen).toEqual(['Bearer key', 'Bearer key', undefined]);
  });

  test.each([
    ['http://169.254.169.254/latest/meta-data'],
    ['http://127.0.0.1:6379/'],
    ['https://10.0.0.8/'],
    ['https://[::ffff:192.168.0.1]/'],
    ['https://localhost/'],
    ['http://cdn.example/a.png'],
    ['file:///etc/passwd'],
    ['https://user:password@cdn.example/a.png'],
  ])('from the internet to %s is refused without a request', async (location) => {
    const { fetch, asked } = answers({ 'https://cos.example/a.png': redirectTo(location) });
    const { error } = await download({ url: 'https://cos.example/a.png', fetch });
    expect(error).toMatchObject({ kind: 'bad-response', outcome: 'accepted', retryable: false });
    expect(asked).toEqual(['https://cos.example/a.png']);
    expect(error?.message).not.toContain('password@');
  });

  test('from the internet to the internet is followed', async () => {
    const { fetch } = answers({
      'https://cos.example/a.png': redirectTo('https://cdn.example/b.png', 307),
      'https://cdn.example/b.png': () => new Response(bytes),
    });
    const { image } = await download({ url: 'https://cos.example/a.png', fetch });
    expect(image).toBeDefined();
  });
});

describe('addresses on a private network', () => {
  const url = 'http://192.168.1.20:8080/a.png';

  test('are refused', async () => {
    const { fetch, asked } = answers({ [url]: () => new Response(bytes) });
    const { error } = await download({ url, fetch });
    expect(error?.message).toContain('192.168.1.20:8080');
    expect(asked).toEqual([]);
  });

  test.each(['192.168.1.20', '192.168.1.20:8080'])('are taken when listed as %s', async (host) => {
    const { fetch } = answers({ [url]: () => new Response(bytes) });
    const { image } = await download({ url, fetch, allowedHosts: [host] });
    expect(image).toBeDefined();
  });
});

describe('an emulator on this machine', () => {
  const first = 'http://127.0.0.1:7070/a.png';

  test.each(['http://[fd00::2]/b.png', 'http://169.254.169.254/b.png', 'http://192.168.1.20/b.png'])(
    'cannot send us to %s',
    async (url) => {
      const { fetch, asked } = answers({ [first]: redirectTo(url), [url]: () => new Response(bytes) });
      const { error } = await download({ url: first, fetch, allowedHosts: ['127.0.0.1:7070'] });
      expect(error).toMatchObject({ kind: 'bad-response', outcome: 'accepted', retryable: false });
      expect(asked).toEqual([first]);
    },
  );

  test('can send us to another port of this machine', async () => {
    const url = 'http://localhost:9090/b.png';
    const { fetch } = answers({ [first]: redirectTo(url), [url]: () => new Response(bytes) });
    expect((await download({ url: first, fetch, allowedHosts: ['127.0.0.1:7070'] })).image).toBeDefined();
  });
});

describe('names that lead into a private network', () => {
  const url = 'https://images.example/a.png';
  const { fetch } = answers({ [url]: () => new Response(bytes) });
  const leadsTo =
    (...addresses: string[]) =>
    (): Promise<string[]> =>
      Promise.resolve(addresses);

  test.each([
    '10.0.0.5',
    '127.0.0.1',
    '169.254.169.254',
    '::1',
    'fd00::5',
    '::ffff:192.168.0.1',
    '64:ff9b::a9fe:a9fe',
    '2002:a00:1::',
    'fec0::1',
  ])('are refused: %s', async (address) => {
    const { error } = await download({ url, fetch, lookup: leadsTo('93.184.216.34', address) });
    expect(error).toMatchObject({ kind: 'bad-response', outcome: 'accepted', retryable: false });
    expect(error?.message).toContain('images.example');
  });

  test.each(['93.184.216.34', '198.18.0.7', '100.64.3.2'])(
    'an address of the internet, or one that proxies answer with, is taken: %s',
    async (address) => {
      expect((await download({ url, fetch, lookup: leadsTo(address) })).image).toBeDefined();
    },
  );

  test.each(['images.example', '.example'])('are taken when listed as %s', async (host) => {
    const { image } = await download({ url, fetch, lookup: leadsTo('10.0.0.5'), allowedHosts: [host] });
    expect(image).toBeDefined();
  });

  test('behind a redirect too', async () => {
    const redirecting = answers({ 'https://cos.example/a.png': redirectTo(url), [url]: () => new Response(bytes) });
    const { error } = await download({
      url: 'https://cos.example/a.png',
      fetch: redirecting.fetch,
      lookup: (each) => Promise.resolve(each.hostname === 'images.example' ? ['10.0.0.5'] : []),
    });
    expect(error?.message).toContain('images.example');
    expect(redirecting.asked).toEqual(['https://cos.example/a.png']);
  });
});

test('with a list, this machine is allowed only if it is listed', async () => {
  const url = await serve((_request, response) => response.end(bytes));
  expect((await download({ url, allowedHosts: ['api.example'] })).error?.message).toContain('127.0.0.1');
  expect((await download({ url, allowedHosts: ['localhost:8700'] })).image).toBeDefined();
});

test('names are resolved as the system does, but not if something else connects', async () => {
  const local = new URL('http://localhost/');
  expect((await createLookup()(local)).some((address) => ['127.0.0.1', '::1'].includes(address))).toBe(true);
  const proxied = { environment: { HTTP_PROXY: 'http://proxy.example:3128' } };
  expect(await createLookup(proxied)(new URL('http://images.example/'))).toEqual([]);
  expect(await createLookup({ fetch: () => Promise.reject(new Error('not called')) })(local)).toEqual([]);
  expect(await createLookup()(new URL('http://127.0.0.1/'))).toEqual([]);
});

test.each(['no address', 'ftp://cos.example/a.png', 'data:image/png;base64,AAAA', ''])(
  'an address that cannot be fetched from: %j',
  async (url) => {
    const { fetch, asked } = answers({});
    const { error, sink } = await download({ url, fetch });
    expect(error).toMatchObject({ kind: 'bad-response', outcome: 'accepted', retryable: false });
    expect(asked).toEqual([]);
    expect(sink.state).toBe('aborted');
  },
);
