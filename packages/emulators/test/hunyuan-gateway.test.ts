/** Every answer of the gateway and of the checks on a submission, as a hand-written client sees them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HunyuanEmulator } from '../src/index.ts';
import { ManualClock, paintPng, startHunyuanEmulator } from '../src/index.ts';
import type { CallOptions } from './support/signed-call.ts';
import { query, signedCall, submit } from './support/signed-call.ts';

let emulator: HunyuanEmulator;
beforeAll(async () => {
  emulator = await startHunyuanEmulator({
    limit: 10_000,
    submitRate: 'off',
    queryRate: 'off',
    accounts: [{ secretId: 'AKIDTEMPORARY', secretKey: 'temporary', token: 'a-token' }],
  });
});
afterAll(() => emulator.close());

async function codeOf(options: CallOptions): Promise<string | undefined> {
  const { status, response } = await signedCall(emulator, { body: { Prompt: '一只猫', Revise: 0 }, ...options });
  expect(status).toBe(200);
  expect(response['RequestId']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  return response.Error?.Code;
}

async function refusalOf(fields: Record<string, unknown>): Promise<string | undefined> {
  return (await submit(emulator, fields)).response.Error?.Code;
}

const now = (): number => Math.floor(Date.now() / 1000);
const picture = (width: number, height: number): string =>
  paintPng({ width, height, prompt: 'x', seed: 1 }).toString('base64');

describe('signature', () => {
  it('accepts all ways in which official clients sign', async () => {
    expect(await codeOf({})).toBeUndefined();
    expect(await codeOf({ hostWithPort: true })).toBeUndefined();
    expect(await codeOf({ signAction: true })).toBeUndefined();
    expect(await codeOf({ service: '127' })).toBeUndefined();
    expect(await codeOf({ body: String.raw`{"Prompt": "\u4e00\u53ea\u732b", "Revise": 0}` })).toBeUndefined();
    expect(await codeOf({ secretId: 'AKIDTEMPORARY', secretKey: 'temporary', token: 'a-token' })).toBeUndefined();
  });

  it.each<[string, CallOptions]>([
    ['AuthFailure.SecretIdNotFound', { secretId: 'AKIDNOBODY' }],
    ['AuthFailure.SignatureFailure', { secretKey: 'wrong' }],
    ['AuthFailure.SignatureFailure', { service: 'cvm' }],
    ['AuthFailure.SignatureFailure', { headers: { 'X-TC-Timestamp': String(now() - 1) } }],
    ['AuthFailure.SignatureExpire', { timestamp: now() - 310 }],
    ['AuthFailure.SignatureExpire', { timestamp: now() + 310 }],
    ['AuthFailure.InvalidAuthorization', { headers: { Authorization: 'SKIP' } }],
    ['AuthFailure.InvalidAuthorization', { headers: { Authorization: undefined } }],
    ['AuthFailure.TokenFailure', { token: 'not-mine' }],
    ['AuthFailure.TokenFailure', { secretId: 'AKIDTEMPORARY', secretKey: 'temporary' }],
    ['MissingParameter', { headers: { 'X-TC-Timestamp': undefined, Authorization: undefined } }],
    ['MissingParameter', { headers: { 'X-TC-Action': undefined } }],
    ['MissingParameter', { headers: { 'X-TC-Version': undefined } }],
    ['MissingParameter', { headers: { 'X-TC-Region': undefined } }],
    ['InvalidAction', { action: 'SubmitNothingJob' }],
    ['NoSuchVersion', { version: '2001-01-01' }],
    ['InvalidAction', { version: '2023-09-01' }],
    ['UnsupportedRegion', { region: 'eu-frankfurt' }],
    ['InvalidParameterValue', { region: 'gz' }],
  ])('answers %s with status 200', async (code, options) => {
    expect(await codeOf(options)).toBe(code);
  });

  it('follows a clock that is ahead, and shows it in the Date header', async () => {
    emulator.set({ clockSkewMs: 600_000 });
    const beforeMs = Date.now();
    const { response, headers } = await submit(emulator, {});
    expect(response.Error?.Code).toBe('AuthFailure.SignatureExpire');
    const told = Date.parse(headers.get('date') ?? '') - 600_000;
    // The header is in whole seconds.
    expect(told).toBeGreaterThan(beforeMs - 1000);
    expect(told).toBeLessThanOrEqual(Date.now());
    emulator.set({ clockSkewMs: 0 });
  });

  it('gives the texts that clients see', async () => {
    const text = async (options: CallOptions): Promise<string | undefined> =>
      (await signedCall(emulator, options)).response.Error?.Message;
    expect(await text({ headers: { 'X-TC-Timestamp': undefined } })).toBe(
      'The request is missing a required parameter `Timestamp`.',
    );
    expect(await text({})).toBe('The request is missing a required parameter `Prompt`.');
    expect(await text({ body: { Prompt: 'x', Style: '201' } })).toBe('The parameter `Style` is not recognized.');
    expect(await text({ body: { Prompt: 'x', Seed: '7' } })).toBe('The value type of parameter `Seed` is not valid.');
    expect(await text({ secretId: 'AKIDNOBODY' })).toBe(
      'The SecretId is not found, please ensure that your SecretId is correct.',
    );
  });
});

describe('fields of a submission', () => {
  it.each<[string, Record<string, unknown>]>([
    ['MissingParameter', { Prompt: undefined }],
    ['MissingParameter', { Prompt: null }],
    ['UnknownParameter', { NegativePrompt: 'blur' }],
    ['UnknownParameter', { Num: 2 }],
    ['UnknownParameter', { LogoParam: { LogoText: 'x' } }],
    ['UnknownParameter', { LogoParam: { LogoRect: { Z: 1 } } }],
    ['InvalidParameter', { Seed: '7' }],
    ['InvalidParameter', { Seed: 1.5 }],
    ['InvalidParameter', { LogoAdd: false }],
    ['InvalidParameter', { Revise: true }],
    ['InvalidParameter', { Resolution: 1024 }],
    ['InvalidParameter', { Images: 'https://example.com/a.png' }],
    ['InvalidParameter', { Images: [{ Url: 'https://example.com/a.png' }] }],
    ['InvalidParameter', { LogoParam: 'x' }],
    ['InvalidParameter', { LogoParam: { LogoRect: { X: '1' } } }],
    ['InvalidParameterValue.ParameterValueError', { Prompt: '' }],
    ['InvalidParameterValue.TextLengthExceed', { Prompt: '面'.repeat(8193) }],
    ['InvalidParameterValue.ParameterValueError', { Resolution: '1024x1024' }],
    ['InvalidParameterValue.ParameterValueError', { Resolution: '511:1024' }],
    ['InvalidParameterValue.ParameterValueError', { Resolution: '2049:512' }],
    ['InvalidParameterValue.ParameterValueError', { Resolution: '1025:1024' }],
    ['InvalidParameterValue.ParameterValueError', { Seed: 0 }],
    ['InvalidParameterValue.ParameterValueError', { Seed: 4_294_967_296 }],
    ['InvalidParameterValue.ParameterValueError', { Revise: 2 }],
    [
      'InvalidParameterValue.ParameterValueError',
      { Images: ['https://a.cn/1', 'https://a.cn/2', 'https://a.cn/3', 'https://a.cn/4'] },
    ],
    ['InvalidParameterValue.ParameterValueError', { Images: [picture(49, 200)] }],
    ['InvalidParameterValue.ParameterValueError', { Images: [picture(5001, 60)] }],
    ['InvalidParameterValue.ImageEmpty', { Images: [''] }],
    ['InvalidParameterValue.UrlIllegal', { Images: ['ftp://example.com/a.png'] }],
    ['InvalidParameterValue.UrlIllegal', { LogoParam: { LogoUrl: 'logo.png' } }],
    ['InvalidParameterValue.LogoParamErr', { LogoParam: { LogoImage: 'AAAA' } }],
    ['InvalidParameterValue.LogoParamErr', { LogoParam: { LogoRect: { Width: 0 } } }],
    ['FailedOperation.ImageDecodeFailed', { Images: [`data:image/png;base64,${picture(64, 64)}`] }],
    ['FailedOperation.ImageDecodeFailed', { Images: [Buffer.from('no picture at all').toString('base64')] }],
    ['FailedOperation.RequestEntityTooLarge', { Images: ['A'.repeat(6 * 1024 * 1024)] }],
    ['FailedOperation.ImageDownloadError', { Images: ['http://127.0.0.1:1/nothing.png'] }],
    ['OperationDenied.TextIllegalDetected', { Prompt: '违禁内容' }],
    ['OperationDenied.TextIllegalDetected', { Prompt: 'x __illegal__ x' }],
  ])('answers %s', async (code, fields) => {
    expect(await refusalOf(fields)).toBe(code);
  });

  it('takes what is allowed', async () => {
    for (const fields of [
      { Prompt: '面'.repeat(8192) },
      { Prompt: '🍜'.repeat(8192) },
      { Resolution: '1248:832', Seed: 4_294_967_295, LogoAdd: 7 },
      { Resolution: '512:2048', Seed: null, LogoParam: null },
      { Images: ['https://example.com/a.png', picture(50, 5000)] },
      { LogoParam: { LogoUrl: 'https://example.com/l.png', LogoRect: { X: 0, Y: 0, Width: 10, Height: 10 } } },
    ])
      expect(await refusalOf(fields)).toBeUndefined();
  });

  it('refuses bodies that are too long or no JSON, and misses the prompt where the text is not well formed', async () => {
    expect(await codeOf({ body: 'x'.repeat(10 * 1024 * 1024 + 1) })).toBe('RequestSizeLimitExceeded');
    expect(await codeOf({ body: '{"Prompt":' })).toBe('InvalidParameter');
    expect(await codeOf({ body: '[]' })).toBe('InvalidParameter');
    expect(await codeOf({ body: '' })).toBe('MissingParameter');
    expect(await codeOf({ body: Buffer.from([0x7b, 0xff, 0x7d]) })).toBe('MissingParameter');
    expect(await codeOf({ body: '{"Prompt":"\\ud800"}' })).toBe('MissingParameter');
  });

  it('fetches references on loopback, and judges what it finds there', async () => {
    const paths: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url);
      response.end(request.url === '/a.png' ? paintPng({ width: 640, height: 480, prompt: 'x', seed: 1 }) : 'text');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const origin = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
    expect(await refusalOf({ Images: [`${origin}/a.png`] })).toBeUndefined();
    expect(await refusalOf({ Images: [`${origin}/a.txt`] })).toBe('FailedOperation.ImageDecodeFailed');
    expect(paths).toEqual(['/a.png', '/a.txt']);
    server.close();
  });
});

describe('other calls', () => {
  it('queries with a wrong id', async () => {
    const { response } = await query(emulator, 'no-such-job');
    expect(response.Error).toEqual({ Code: 'FailedOperation.JobNotExist', Message: '任务不存在。' });
    expect((await query(emulator, 7)).response.Error?.Code).toBe('InvalidParameter');
    expect((await query(emulator, undefined)).response.Error?.Code).toBe('MissingParameter');
  });

  it('does not show an account the jobs of another', async () => {
    const { response } = await submit(emulator, {});
    const foreign = { secretId: 'AKIDTEMPORARY', secretKey: 'temporary', token: 'a-token' };
    expect((await query(emulator, response['JobId'], foreign)).response.Error?.Code).toBe(
      'FailedOperation.JobNotExist',
    );
    expect((await query(emulator, response['JobId'])).response.Error).toBeUndefined();
  });

  it('says that it is an emulator, echoes the trace id and takes GET', async () => {
    expect((await submit(emulator, {})).headers.get('x-emulator')).toBe('holodeck');
    const traced = await submit(emulator, {}, { headers: { 'X-TC-TraceId': 'trace-1' } });
    expect(traced.headers.get('x-tc-traceid')).toBe('trace-1');
    const { response } = await signedCall(
      { ...emulator, credentials: emulator.credentials, url: `${emulator.url}/?Prompt=cat&Seed=7&Images.0=` },
      { method: 'GET', body: '' },
    );
    expect(response.Error?.Code).toBe('InvalidParameterValue.ImageEmpty');
  });

  it('answers other paths and methods as a web server does', async () => {
    expect((await fetch(`${emulator.url}/v1/else`)).status).toBe(404);
    expect((await fetch(emulator.url, { method: 'DELETE' })).status).toBe(405);
  });

  it('limits the rate per action, region and credential', async () => {
    const clock = new ManualClock();
    const limited = await startHunyuanEmulator({ limit: 100, clock, submitRate: 2, queryRate: 3 });
    const codes = async (count: number, call: () => ReturnType<typeof submit>): Promise<(string | undefined)[]> => {
      const answers: (string | undefined)[] = [];
      for (let index = 0; index < count; index += 1) answers.push((await call()).response.Error?.Code);
      return answers;
    };
    expect(await codes(3, () => submit(limited, {}))).toEqual([undefined, undefined, 'RequestLimitExceeded']);
    expect(await codes(1, () => submit(limited, {}, { region: 'ap-shanghai' }))).toEqual([undefined]);
    expect((await codes(4, () => query(limited, 'x'))).at(-1)).toBe('RequestLimitExceeded');
    clock.advance(1001);
    expect(await codes(1, () => submit(limited, {}))).toEqual([undefined]);
    await limited.close();
  });

  it('answers as ended when it is', async () => {
    emulator.set({ retired: true });
    expect(await refusalOf({})).toBe('ResourceUnavailable.NotExist');
    emulator.set({ retired: ['image-3.0'], retiredCode: 'ActionOffline' });
    expect(await refusalOf({})).toBe('ActionOffline');
    emulator.set({ retired: ['2023-09-01'] });
    expect(await refusalOf({})).toBeUndefined();
    emulator.set({ retired: false });
  });

  it('refuses settings that do not exist', async () => {
    expect(() => emulator.set({ limit: -1 })).toThrow('limit must be a whole number');
    await expect(startHunyuanEmulator(JSON.parse('{"jobms":3}'))).rejects.toThrow('unknown setting jobms');
    await expect(startHunyuanEmulator(JSON.parse('{"jobMs":"3"}'))).rejects.toThrow('jobMs must be');
  });

  it('has not failed itself', () => {
    expect(emulator.ledger.internalErrors).toEqual([]);
  });
});
