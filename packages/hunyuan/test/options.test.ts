import { ImageError } from '@holodeck/core';
import { describe, expect, it } from 'vitest';
import { createHunyuanBackend, createHunyuanClient, hunyuanOptionsFromEnvironment } from '../src/index.ts';
import type { HunyuanApiName, HunyuanOptions } from '../src/index.ts';
import { secretId, secretKey } from './harness.ts';

const pair = { secretId, secretKey };

function thrown(action: () => unknown): ImageError {
  try {
    action();
  } catch (error) {
    if (ImageError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('It was expected to fail.');
}

describe('options', () => {
  const cases: readonly (readonly [string, HunyuanOptions, string, RegExp])[] = [
    ['no pair', {}, 'auth', /SecretId and SecretKey are missing.*HUNYUAN_SECRET_ID/],
    ['half a pair', { secretId }, 'auth', /SecretKey is missing/],
    ['a placeholder', { ...pair, secretKey: 'your_secret_key' }, 'auth', /SecretKey is missing/],
    ['a blank', { ...pair, secretId: '  ' }, 'auth', /SecretId is missing/],
    ['a key with a line break', { ...pair, secretKey: 'abc\ndef' }, 'auth', /Copy it again/],
    [
      'the old model',
      { ...pair, model: 'hunyuan-pro' },
      'invalid-request',
      /hunyuan-pro.*older client.*[Ll]eave the option model out/,
    ],
    ['another model', { ...pair, model: 'gpt-image-2' }, 'invalid-request', /does not exist/],
    ['a short region', { ...pair, region: 'gz' }, 'invalid-request', /ap-guangzhou/],
    ['an unknown option', { ...pair, timeout: 1 } as HunyuanOptions, 'invalid-request', /Unknown option "timeout"/],
    ['an unknown API', { ...pair, api: 'v9' as HunyuanApiName }, 'invalid-request', /api is "v9"/],
    ['a switch in words', { ...pair, watermark: 'no' as unknown as boolean }, 'invalid-request', /watermark/],
    ['a timeout of 0', { ...pair, requestTimeoutMs: 0 }, 'invalid-request', /requestTimeoutMs.* 0/],
    ['a path', { ...pair, endpoint: 'http://127.0.0.1:1/v1' }, 'invalid-request', /path/],
    ['a password', { ...pair, endpoint: 'http://a:b@127.0.0.1:1' }, 'invalid-request', /password/],
    ['no address', { ...pair, endpoint: 'http://' }, 'invalid-request', /not an address/],
    ['another protocol', { ...pair, endpoint: 'ftp://x' }, 'invalid-request', /ftp:/],
    [
      'another service',
      { ...pair, endpoint: 'hunyuan.tencentcloudapi.com' },
      'invalid-request',
      /another service.*aiart\./,
    ],
  ];
  it.each(cases)('%s', (_name, options, kind, message) => {
    const error = thrown(() => createHunyuanBackend(options));
    expect(error).toMatchObject({ kind, outcome: 'not-submitted', backend: 'hunyuan' });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(secretKey);
  });

  it('name one lane per account, region and service', () => {
    const lanes = [
      createHunyuanBackend(pair),
      createHunyuanBackend({ ...pair, endpoint: 'aiart.ap-guangzhou.tencentcloudapi.com' }),
      createHunyuanBackend({ ...pair, region: 'ap-shanghai' }),
      createHunyuanBackend({ ...pair, secretId: 'AKIDOTHER' }),
    ].map(({ lanes: [lane] }) => lane);
    expect(lanes[0]).toMatchObject({ defaultMaxConcurrent: 1, submissionsPerSecond: 20, queriesPerSecond: 20 });
    expect(lanes[1]?.id).toBe(lanes[0]?.id);
    expect(new Set(lanes.map((lane) => lane?.id)).size).toBe(3);
    expect(JSON.stringify(lanes)).not.toContain('AKID');
  });

  it('have a fingerprint that the account does not change', () => {
    const [one, two] = [createHunyuanBackend(pair), createHunyuanBackend({ ...pair, secretId: 'AKIDOTHER' })];
    expect(one.fingerprint).toBe(two.fingerprint);
    expect(one).toMatchObject({ name: 'hunyuan', model: 'hunyuan-image-3.0' });
  });
});

describe('the environment', () => {
  const set = { HUNYUAN_SECRET_ID: secretId, HUNYUAN_SECRET_KEY: secretKey };

  it('gives the pair, the token and the rest', () => {
    const environment = {
      ...set,
      HUNYUAN_TOKEN: 'sts',
      HUNYUAN_REGION: 'ap-shanghai',
      HUNYUAN_API: 'image-3.0',
      HUNYUAN_ENDPOINT: 'http://127.0.0.1:1',
      HUNYUAN_MAX_CONCURRENT: '3',
    };
    expect(hunyuanOptionsFromEnvironment(environment)).toEqual({
      configured: true,
      options: {
        ...pair,
        token: 'sts',
        region: 'ap-shanghai',
        api: 'image-3.0',
        endpoint: 'http://127.0.0.1:1',
        network: { environment },
      },
      maxConcurrent: 3,
    });
  });

  it("falls back to the vendor's names, whole", () => {
    const vendor = {
      TENCENTCLOUD_SECRET_ID: 'AKIDVENDOR',
      TENCENTCLOUD_SECRET_KEY: 'vendor-key',
      TENCENTCLOUD_SESSION_TOKEN: 'vendor-token',
    };
    expect(hunyuanOptionsFromEnvironment(vendor)).toMatchObject({
      options: { secretId: 'AKIDVENDOR', secretKey: 'vendor-key', token: 'vendor-token' },
    });
    const both = hunyuanOptionsFromEnvironment({ ...vendor, ...set });
    expect(both).toMatchObject({ options: pair });
    expect(both).not.toHaveProperty('options.token');
  });

  it.each(['', '   ', 'your_secret_id', 'YOUR-SECRET-ID', 'xxx', '<your id>', 'changeme', '****', '${SECRET}'])(
    'takes %j as unset',
    (value) => {
      const found = hunyuanOptionsFromEnvironment({ HUNYUAN_SECRET_ID: value, HUNYUAN_SECRET_KEY: value });
      expect(found).toEqual({
        configured: false,
        reason: {
          message: expect.stringContaining('HUNYUAN_SECRET_ID') as string,
          messageId: 'hunyuan.pair-unset',
          params: { page: 'https://console.cloud.tencent.com/cam/capi' },
        },
      });
    },
  );

  it('refuses half a pair, naming the other half', () => {
    const missing = thrown(() => hunyuanOptionsFromEnvironment({ HUNYUAN_SECRET_ID: secretId }));
    expect(missing).toMatchObject({ kind: 'auth', outcome: 'not-submitted' });
    expect(missing.message).toMatch(/HUNYUAN_SECRET_ID is set but HUNYUAN_SECRET_KEY is not set/);
    const placeholder = thrown(() =>
      hunyuanOptionsFromEnvironment({ HUNYUAN_SECRET_ID: 'your_secret_id', HUNYUAN_SECRET_KEY: secretKey }),
    );
    expect(placeholder.message).toMatch(/HUNYUAN_SECRET_KEY is set but HUNYUAN_SECRET_ID is blank or a placeholder/);
    expect(placeholder.message).not.toContain(secretKey);
  });

  it.each([
    ['a pair for an API that takes a key', { ...set, HUNYUAN_API: 'hy-image-3.5' }, 'HUNYUAN_API_KEY is not set'],
    [
      'a key for the API that takes a pair',
      { HUNYUAN_API_KEY: secretKey, HUNYUAN_API: 'image-3.0' },
      'HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY are not set',
    ],
  ])('refuses %s, naming what is missing', (_name, environment, missing) => {
    const error = thrown(() => hunyuanOptionsFromEnvironment(environment));
    expect(error).toMatchObject({ kind: 'auth', outcome: 'not-submitted' });
    expect(error.message).toContain(missing);
    expect(error.message).not.toContain(secretKey);
  });

  it.each(['0', 'two', '1.5'])('refuses HUNYUAN_MAX_CONCURRENT=%s', (value) => {
    const error = thrown(() => hunyuanOptionsFromEnvironment({ ...set, HUNYUAN_MAX_CONCURRENT: value }));
    expect(error.message).toContain('HUNYUAN_MAX_CONCURRENT');
  });

  it('reaches the client, which says what is missing', async () => {
    const error = thrown(() => createHunyuanClient({ network: { environment: {} } }));
    expect(error).toMatchObject({ kind: 'auth', outcome: 'not-submitted' });
    expect(error.message).toContain('HUNYUAN_SECRET_ID');
    const client = createHunyuanClient({ network: { environment: set } });
    expect(client.backend.name).toBe('hunyuan');
    await client.close();
  });
});
