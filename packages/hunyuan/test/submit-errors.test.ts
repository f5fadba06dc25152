import { isLegalOutcome } from '@holodeck/core/backend';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { backendAt, failure, request, secretId, secretKey, TestContext } from './harness.ts';
import { bare, ok, RawServer, refusal, reset } from './raw-server.ts';
import type { Answer } from './raw-server.ts';

/** code | kind | outcome | retryable */
const codes = `
RequestLimitExceeded | rate-limit | rejected | true
RequestLimitExceeded.UinLimitExceeded | rate-limit | rejected | true
RequestLimitExceeded.IPLimitExceeded | rate-limit | rejected | true
RequestLimitExceeded.GlobalRegionUinLimitExceeded | rate-limit | rejected | true
RequestLimitExceeded.JobNumExceed | concurrency-limit | rejected | true
FailedOperation.ServerError | unavailable | rejected | true
FailedOperation.InnerError | unavailable | rejected | true
FailedOperation.RpcFail | unavailable | rejected | true
FailedOperation.Unknown | unavailable | rejected | true
FailedOperation.ConsoleServerError | unavailable | rejected | true
FailedOperation.ImageDownloadError | unavailable | rejected | true
InternalError | unavailable | rejected | true
InternalError.Other | unavailable | rejected | true
ServiceUnavailable | unavailable | rejected | true
FailedOperation.RequestTimeout | timeout | unknown | false
FailedOperation | unavailable | unknown | false
FailedOperation.NeverHeardOf | unavailable | unknown | false
FailedOperation.ImageDecodeFailed | invalid-request | rejected | false
FailedOperation.RequestEntityTooLarge | invalid-request | rejected | false
InvalidParameterValue.ParameterValueError | invalid-request | rejected | false
InvalidParameterValue.TextLengthExceed | invalid-request | rejected | false
InvalidParameterValue.UrlIllegal | invalid-request | rejected | false
InvalidParameter.InvalidParameter | invalid-request | rejected | false
InvalidParameter | invalid-request | rejected | false
UnknownParameter | invalid-request | rejected | false
MissingParameter | invalid-request | rejected | false
RequestSizeLimitExceeded | invalid-request | rejected | false
FailedOperation.GenerateImageFailed | content-policy | failed | true
OperationDenied.TextIllegalDetected | content-policy | rejected | false
OperationDenied.ImageIllegalDetected | content-policy | rejected | false
FailedOperation.ModerationFailed | content-policy | rejected | false
AuthFailure.SecretIdNotFound | auth | rejected | false
AuthFailure.SignatureFailure | auth | rejected | false
AuthFailure.SignatureExpire | auth | rejected | false
AuthFailure.TokenFailure | auth | rejected | false
AuthFailure.UnauthorizedOperation | auth | rejected | false
UnauthorizedOperation | auth | rejected | false
IpNotInWhitelist | auth | rejected | false
ResourceUnavailable.NotExist | auth | rejected | false
ResourceUnavailable.InArrears | quota | rejected | false
ResourceUnavailable.LowBalance | quota | rejected | false
ResourceUnavailable.StopUsing | quota | rejected | false
ResourcesSoldOut.ChargeStatusException | quota | rejected | false
ResourceInsufficient.ChargeResourceExhaust | quota | rejected | false
UnsupportedRegion | unsupported | rejected | false
ActionOffline | unavailable | rejected | false
InvalidAction | unavailable | rejected | false
NoSuchVersion | unavailable | rejected | false
Brand.NewCode | unavailable | rejected | false
`;

describe('codes of the service', () => {
  const rows = codes
    .trim()
    .split('\n')
    .map((line) => line.split(' | ') as [string, string, string, string]);
  it.each(rows)('%s is %s, %s, retryable %s', async (code, kind, outcome, retryable) => {
    await using server = await RawServer.start(refusal(code));
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error).toMatchObject({
      kind,
      outcome,
      retryable: retryable === 'true',
      code,
      requestId: 'request-of-refusal',
      backend: 'hunyuan',
    });
    expect(isLegalOutcome(error.kind, error.outcome)).toBe(true);
    expect(error.message).toContain(code);
    expect(error.message).toContain('text of the service');
    expect(server.requests).toHaveLength(1);
    await backend.close();
  });

  it('does not draw the same refused picture again where the seed is fixed', async () => {
    await using server = await RawServer.start(refusal('FailedOperation.GenerateImageFailed'));
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request({ seed: 3 }), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'content-policy', outcome: 'failed', retryable: false });
    await backend.close();
  });

  const advice: readonly (readonly [string, readonly (string | RegExp)[]])[] = [
    ['ResourceUnavailable.NotExist', ['大模型图像创作引擎', '开通', 'https://console.cloud.tencent.com/aiart']],
    [
      'AuthFailure.UnauthorizedOperation',
      ['aiart:SubmitTextToImageJob', 'aiart:QueryTextToImageJob', 'https://console.cloud.tencent.com/cam'],
    ],
    ['ResourceUnavailable.InArrears', ['aiart', 'https://console.cloud.tencent.com/expense/overview']],
    ['AuthFailure.SignatureFailure', ['https://console.cloud.tencent.com/cam/capi']],
    ['UnsupportedRegion', ['ap-guangzhou']],
    ['ActionOffline', [/not offer this/]],
  ];
  it.each(advice)('%s says what to do and where', async (code, parts) => {
    await using server = await RawServer.start(refusal(code));
    const backend = backendAt(server.url);
    const { message } = await failure(backend.submit(request(), new TestContext(backend)));
    for (const part of parts) expect(message).toMatch(part);
    await backend.close();
  });

  it('tells by how much the clock is off', async () => {
    const late: Answer = (seen, response, raw) => {
      response.setHeader('date', new Date(Date.now() + 12 * 60_000).toUTCString());
      return refusal('AuthFailure.SignatureExpire')(seen, response, raw);
    };
    await using server = await RawServer.start(late);
    const backend = backendAt(server.url);
    const { message } = await failure(backend.submit(request(), new TestContext(backend)));
    expect(message).toMatch(/clock \(it is about 12 min behind\)/);
    await backend.close();
  });

  it('keeps secrets and signed addresses out of messages', async () => {
    const text = `key ${secretKey} of ${secretId} at https://cos.example/a.png?q-signature=abc&x=1 end`;
    await using server = await RawServer.start(refusal('InternalError', text));
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error.message).toContain('key *** of *** at https://cos.example/a.png end');
    expect(JSON.stringify(error)).not.toMatch(/q-signature|not-a-real|AKID/);
    await backend.close();
  });
});

describe("answers that are not the service's", () => {
  const html = '<html><body>Sign in</body></html>';
  const own = (Code: string): string => JSON.stringify({ Response: { Error: { Code, Message: 'x' }, RequestId: 'r' } });
  const cases: readonly (readonly [string, Answer, string, string, boolean])[] = [
    ['500', bare(500), 'unavailable', 'unknown', false],
    ['502', bare(502, html), 'unavailable', 'unknown', false],
    ['504', bare(504), 'unavailable', 'unknown', false],
    ['500 with a general code', bare(500, own('InternalError')), 'unavailable', 'unknown', false],
    ['504 with a code nobody knows', bare(504, own('Brand.NewCode')), 'unavailable', 'unknown', false],
    ['500 with a code that says no', bare(500, own('RequestLimitExceeded')), 'rate-limit', 'rejected', true],
    ['408', bare(408), 'timeout', 'unknown', false],
    ['403 of a gateway', bare(403, html), 'bad-response', 'unknown', false],
    ['429', bare(429), 'rate-limit', 'rejected', true],
    ['503', bare(503, html), 'unavailable', 'rejected', true],
    ['HTML with 200', bare(200, html, { 'content-type': 'text/html' }), 'bad-response', 'unknown', false],
    ['an empty 200', bare(200), 'bad-response', 'unknown', false],
    ['JSON without Response', bare(200, '{"ok":true}'), 'bad-response', 'unknown', false],
    ['JSON null', bare(200, 'null'), 'bad-response', 'unknown', false],
    [
      'an event stream',
      bare(200, 'data: x\n\n', { 'content-type': 'text/event-stream' }),
      'bad-response',
      'unknown',
      false,
    ],
    ['a success without an id', ok({}), 'bad-response', 'unknown', false],
    ['a reset after the request', reset, 'unavailable', 'unknown', false],
    ['a redirect', bare(302, '', { location: '/elsewhere' }), 'bad-response', 'unknown', false],
    ['a redirect that repeats the body', bare(307, '', { location: '/elsewhere' }), 'bad-response', 'unknown', false],
  ];
  it.each(cases)('%s', async (_name, answer, kind, outcome, retryable) => {
    await using server = await RawServer.start(answer);
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error).toMatchObject({ kind, outcome, retryable });
    expect(isLegalOutcome(error.kind, error.outcome)).toBe(true);
    expect(server.requests).toHaveLength(1);
    await backend.close();
  });

  it('heeds Retry-After', async () => {
    await using server = await RawServer.start(bare(503, '', { 'retry-after': '7' }));
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error.retryAfterMs).toBe(7000);
    await backend.close();
  });

  it("reads the service's own error behind another status", async () => {
    const body = JSON.stringify({
      Response: { Error: { Code: 'ResourceUnavailable.InArrears', Message: 'm' }, RequestId: 'r-9' },
    });
    for (const answer of [
      bare(400, body, { 'content-type': 'application/json' }),
      (_request: unknown, response: Parameters<Answer>[1]) => {
        response.writeHead(500, { 'content-encoding': 'gzip' }).end(gzipSync(body));
      },
    ]) {
      await using server = await RawServer.start(answer);
      const backend = backendAt(server.url);
      const error = await failure(backend.submit(request(), new TestContext(backend)));
      expect(error).toMatchObject({
        kind: 'quota',
        outcome: 'rejected',
        code: 'ResourceUnavailable.InArrears',
        requestId: 'r-9',
      });
      await backend.close();
    }
  });

  it('never sends the request on to where a redirect points', async () => {
    await using target = await RawServer.start(ok({ JobId: 'elsewhere' }));
    await using server = await RawServer.start(bare(308, '', { location: `${target.url}/` }));
    const backend = backendAt(server.url);
    await failure(backend.submit(request(), new TestContext(backend)));
    expect(target.connections).toBe(0);
    await backend.close();
  });
});

describe('time and connection', () => {
  it('no connection means that nothing was sent', async () => {
    const server = await RawServer.start(ok({ JobId: 'x' }));
    const { url } = server;
    await server.close();
    const backend = backendAt(url);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'unavailable', outcome: 'not-submitted', retryable: true });
    expect(error.message).toBe(
      `Could not connect to ${new URL(url).host} (ECONNREFUSED). Check the network, the proxy variables and the endpoint.`,
    );
    await backend.close();
  });

  it('a TLS handshake that fails means that nothing was sent', async () => {
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('this is not TLS\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const backend = backendAt(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error).toMatchObject({ kind: 'unavailable', outcome: 'not-submitted' });
    await backend.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('no answer in time is unknown, headers or body', async () => {
    const silent: Answer = () => {};
    const stalling: Answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"Respon');
    };
    for (const answer of [silent, stalling]) {
      await using server = await RawServer.start(answer);
      const backend = backendAt(server.url, { requestTimeoutMs: 2000 });
      const error = await failure(backend.submit(request(), new TestContext(backend)));
      expect(error).toMatchObject({ kind: 'timeout', outcome: 'unknown', retryable: false });
      await backend.close();
    }
  });

  it('an abort while the answer is awaited is unknown, headers or body', async () => {
    for (const withHeaders of [false, true]) {
      const controller = new AbortController();
      const abort: Answer = (_request, response) => {
        if (withHeaders) {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.write('{');
        }
        controller.abort();
      };
      await using server = await RawServer.start(abort);
      const backend = backendAt(server.url);
      const error = await failure(backend.submit(request(), new TestContext(backend, controller.signal)));
      expect(error).toMatchObject({ kind: 'aborted', outcome: 'unknown' });
      await backend.close();
    }
  });
});
