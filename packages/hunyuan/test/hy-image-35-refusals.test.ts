import { isLegalOutcome } from '@holodeck/core/backend';
import { renderMessage } from '@holodeck/core/messages';
import { describe, expect, it } from 'vitest';
import { failure, request, TestContext } from './harness.ts';
import { bare, RawServer, reset } from './raw-server.ts';
import type { Answer } from './raw-server.ts';

import { backendAt, start } from './hy-image-35-server.ts';

const own = (status: number, error: Record<string, unknown>): Answer =>
  bare(status, JSON.stringify({ error: { request_id: 'r-1', message: 'text', ...error } }));
const frame = (error: Record<string, unknown>): Answer =>
  bare(200, JSON.stringify({ id: 'x', choices: [{ index: 0, delta: {}, finish_reason: 'error' }], error }));
const filtered = { type: 'invalid_request_error', code: 'content_filter' };

describe('a refusal or a fault', () => {
  /** Name, answer, kind, outcome, retryable, and a part of the message in both languages. */
  type Row = readonly [string, Answer, string, string, boolean, RegExp, RegExp];
  const rows: readonly Row[] = [
    ['400', own(400, { code: '400001' }), 'invalid-request', 'rejected', false, /answered 400001/, /返回 400001/],
    [
      '400004 on a wrong route',
      own(400, { code: '400004' }),
      'invalid-request',
      'rejected',
      false,
      /Use api "hy-image-3\.5"/,
      /请用接口 "hy-image-3\.5"/,
    ],
    [
      '401',
      own(401, { code: '401002' }),
      'auth',
      'rejected',
      false,
      /international site have different keys/,
      /国内站与国际站的密钥不通用/,
    ],
    [
      '402, free quota used up',
      own(402, { code: '401007', message: 'endpoint is inactive: FREE_QUOTA_EXHAUSTED' }),
      'quota',
      'rejected',
      false,
      /post-paid billing \(后付费\)/,
      /开启“后付费”/,
    ],
    ['402 with 401008', own(402, { code: '401008' }), 'quota', 'rejected', false, /online inference/, /在线推理/],
    ['403', own(403, { code: '403001' }), 'auth', 'rejected', false, /lacks a permission/, /缺少权限/],
    [
      '403 for an address',
      own(403, { code: '403002', message: 'access denied: client IP' }),
      'auth',
      'rejected',
      false,
      /address is not allowed/,
      /不允许从本机地址访问/,
    ],
    ['404 of the service', own(404, { code: '404001' }), 'invalid-request', 'rejected', false, /404001/, /404001/],
    [
      '422',
      own(422, { message: 'Input or output moderation failed' }),
      'content-policy',
      'failed',
      false,
      /moderation refused it/,
      /未通过服务的内容审核/,
    ],
    [
      '422 for the input',
      own(422, { message: 'Input moderation failed' }),
      'content-policy',
      'rejected',
      false,
      /moderation refused it/,
      /内容审核/,
    ],
    [
      '451',
      own(451, { code: '451001', message: 'content was filtered by safety policy' }),
      'content-policy',
      'failed',
      false,
      /451001/,
      /内容审核/,
    ],
    [
      '200 with content_filter for the input',
      frame({ ...filtered, message: 'input moderation rejected' }),
      'content-policy',
      'rejected',
      false,
      /content_filter: input moderation/,
      /content_filter：input moderation/,
    ],
    [
      '200 with content_filter for the output',
      frame({ ...filtered, message: 'output moderation rejected' }),
      'content-policy',
      'failed',
      false,
      /content_filter/,
      /内容审核/,
    ],
    [
      '200 with an error alone',
      own(200, { code: 'ResourceUnavailable.InterfaceNotExist' }),
      'unavailable',
      'rejected',
      false,
      /does not offer this/,
      /不提供此功能/,
    ],
    [
      '200 with a reference that was not fetched',
      frame({ code: '400', message: 'code: 400, msg: download image failed' }),
      'unavailable',
      'rejected',
      true,
      /download image failed/,
      /download image failed/,
    ],
    [
      '200 with an error that nobody knows',
      frame({ code: 'brand_new', message: 'odd' }),
      'unavailable',
      'unknown',
      false,
      /brand_new: odd.*not sent again automatically/,
      /不会自动重发/,
    ],
    [
      '429 for requests',
      own(429, { code: '429001', message: 'rate limit exceeded on dimension: rpm' }),
      'rate-limit',
      'rejected',
      true,
      /dimension: rpm/,
      /dimension: rpm/,
    ],
    [
      '429 for requests at once',
      own(429, { code: '429001', message: 'The number of concurrent requests exceeds the limit.' }),
      'concurrency-limit',
      'rejected',
      true,
      /concurrent/,
      /concurrent/,
    ],
    [
      '500',
      own(500, { code: '500001' }),
      'unavailable',
      'unknown',
      false,
      /not sent again automatically/,
      /不会自动重发/,
    ],
    ['502', own(502, { type: 'upstream_error', code: '502001' }), 'unavailable', 'unknown', false, /502001/, /502001/],
    ['a bare 503', bare(503), 'unavailable', 'rejected', true, /HTTP 503/, /HTTP 503/],
    ['a bare 504', bare(504), 'unavailable', 'unknown', false, /HTTP 504/, /HTTP 504/],
    ['a page', bare(200, '<html>'), 'bad-response', 'unknown', false, /not the service's/, /不是该服务的/],
    [
      'a success without a picture',
      bare(200, JSON.stringify({ choices: [{ delta: { type: 'text' } }] })),
      'bad-response',
      'lost',
      false,
      /no picture. It counts as paid/,
      /没有图片。它按已付费计算/,
    ],
    ['a redirect', bare(307, '', { location: '/x' }), 'bad-response', 'unknown', false, /redirect/, /重定向/],
    ['a reset', reset, 'unavailable', 'unknown', false, /No answer from/, /没有应答/],
  ];
  it.each(rows)('%s', async (_name, answer, kind, outcome, retryable, english, chinese) => {
    await using server = await RawServer.start(answer);
    const backend = backendAt(server.url);
    const error = await failure(backend.submit(request(), new TestContext(backend)));
    expect(error).toMatchObject({ kind, outcome, retryable });
    expect(isLegalOutcome(error.kind, error.outcome)).toBe(true);
    expect(error.message).toMatch(english);
    expect(renderMessage(error, { language: 'zh' })).toMatch(chinese);
    expect(server.requests).toHaveLength(1);
    await backend.close();
  });

  it.each(['http-422', 'http-451', 'in-200'] as const)(
    'moderation as the emulator says it (%s)',
    async (moderation) => {
      await using running = await start({ moderation });
      const refused = await running.client.generate({ prompt: '违禁' });
      expect(refused).toMatchObject({ success: false, error: { kind: 'content-policy' } });
      expect(running.emulator.ledger.accepted).toBe(0);
      const withheld = await running.client.generate({ prompt: '__illegal_output__' });
      expect(withheld).toMatchObject({ success: false, error: { kind: 'content-policy', outcome: 'failed' } });
      expect(running.emulator.ledger.accepted).toBe(1);
    },
  );

  it('that comes too late is unknown, and so is an abort', async () => {
    await using server = await RawServer.start(() => {});
    const impatient = backendAt(server.url, { requestTimeoutMs: 500 });
    const late = await failure(impatient.submit(request(), new TestContext(impatient)));
    expect(late).toMatchObject({ kind: 'timeout', outcome: 'unknown' });
    const controller = new AbortController();
    server.answers = [() => controller.abort()];
    const backend = backendAt(server.url);
    const aborted = await failure(backend.submit(request(), new TestContext(backend, controller.signal)));
    expect(aborted).toMatchObject({ kind: 'aborted', outcome: 'unknown' });
    await Promise.all([backend.close(), impatient.close()]);
  });

  it.each([{ kind: 'reset-after-accept' }, { kind: 'truncate', afterBytes: 0 }, { kind: 'truncate' }] as const)(
    'a picture that is billed and whose answer is cut (%j) is not sent again',
    async (fault) => {
      await using running = await start({ faults: [{ ...fault, operation: 'submit' }] });
      const result = await running.client.generate({ prompt: 'x' });
      expect(result).toMatchObject({ success: false, error: { outcome: 'unknown' } });
      expect(running.emulator.ledger).toMatchObject({ submissions: 1, accepted: 1, billed: 1 });
    },
  );
});
