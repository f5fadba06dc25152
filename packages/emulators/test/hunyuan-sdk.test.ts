/** The vendor's own Node SDK as the client, for both TC3 APIs: what it signs, sends and makes of the answers. */
import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readImageHeader } from '../src/base/image-header.ts';
import type { HunyuanEmulator } from '../src/index.ts';
import { startHunyuanEmulator } from '../src/index.ts';

interface SdkClient {
  request(action: string, fields: unknown): Promise<Record<string, unknown>>;
}
type SdkClientClass = new (endpoint: string, version: string, config: object) => SdkClient;

// The SDK belongs to the Hunyuan backend, not to the emulators; it is only borrowed here.
const borrow = createRequire(new URL('../../hunyuan/package.json', import.meta.url));
const sdkName = 'tencentcloud-sdk-nodejs-common';
const { CommonClient }: { CommonClient: SdkClientClass } = borrow(sdkName);

let emulator: HunyuanEmulator;
beforeAll(async () => {
  emulator = await startHunyuanEmulator({ limit: 10, jobMs: 0, rewriteMs: 0, submitRate: 'off', queryRate: 'off' });
});
afterAll(async () => {
  expect(emulator.ledger.internalErrors).toEqual([]);
  await emulator.close();
});

/** An agent that finds every host on loopback, so that the vendor's own host name can be signed. */
function loopbackAgent(): Agent {
  return new Agent({
    lookup: (_host, options, callback) => {
      if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    },
  });
}

interface ClientOptions {
  endpoint?: string;
  version?: string;
  method?: string;
  language?: string;
  agent?: Agent;
  credential?: object;
}

function client(options: ClientOptions = {}): SdkClient {
  const {
    endpoint = `127.0.0.1:${emulator.port}`,
    version = '2022-12-29',
    method = 'POST',
    agent = new Agent(),
  } = options;
  return new CommonClient(endpoint, version, {
    credential: options.credential ?? emulator.credentials,
    region: 'ap-guangzhou',
    profile: {
      ...(options.language === undefined ? {} : { language: options.language }),
      httpProfile: { endpoint, protocol: 'http://', reqMethod: method, reqTimeout: 10, agent },
    },
  });
}

async function roundTrip(
  sdk: SdkClient,
  submit: string,
  query: string,
  fields: object,
): Promise<Record<string, unknown>> {
  const { JobId } = await sdk.request(submit, fields);
  return sdk.request(query, { JobId });
}

async function imagesOf(answer: Record<string, unknown>): Promise<unknown[]> {
  const links = [answer['ResultImage']].flat().map(String);
  return Promise.all(links.map(async (url) => readImageHeader(new Uint8Array(await (await fetch(url)).arrayBuffer()))));
}

describe('Image 3.0 through CommonClient', () => {
  it.each<[string, () => ClientOptions]>([
    ['an address of this machine', () => ({})],
    ['localhost', () => ({ endpoint: `localhost:${emulator.port}`, agent: loopbackAgent() })],
    ['the vendor host', () => ({ endpoint: `aiart.tencentcloudapi.com:${emulator.port}`, agent: loopbackAgent() })],
    [
      'a regional host',
      () => ({ endpoint: `aiart.ap-guangzhou.tencentcloudapi.com:${emulator.port}`, agent: loopbackAgent() }),
    ],
    ['GET', () => ({ method: 'GET' })],
    ['a language', () => ({ language: 'zh-CN' })],
  ])('makes a picture over %s', async (_name, options) => {
    const fields = {
      Prompt: '雨中竹林，a "quoted" 🍜',
      Resolution: '1248:832',
      Seed: 7,
      LogoAdd: 0,
      Revise: 0,
      Images: null,
    };
    const answer = await roundTrip(client(options()), 'SubmitTextToImageJob', 'QueryTextToImageJob', fields);
    expect(answer).toMatchObject({ JobStatusCode: '5', ResultDetails: ['Success'] });
    expect(await imagesOf(answer)).toEqual([{ format: 'png', width: 1248, height: 832 }]);
  });

  it('gives the SDK errors with code and request id', async () => {
    const wrongKey = client({ credential: { ...emulator.credentials, secretKey: 'wrong' } });
    await expect(wrongKey.request('SubmitTextToImageJob', { Prompt: 'x' })).rejects.toMatchObject({
      code: 'AuthFailure.SignatureFailure',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    await expect(client().request('QueryTextToImageJob', { JobId: 'x' })).rejects.toMatchObject({
      code: 'FailedOperation.JobNotExist',
      message: '任务不存在。',
    });
    emulator.setFaults([{ kind: 'http-status', status: 502, times: 1 }]);
    await expect(client().request('QueryTextToImageJob', { JobId: 'x' })).rejects.toMatchObject({ httpCode: 502 });
  });

  it('refuses another product under the vendor host', async () => {
    const other = client({ endpoint: `cvm.tencentcloudapi.com:${emulator.port}`, agent: loopbackAgent() });
    await expect(other.request('SubmitTextToImageJob', { Prompt: 'x' })).rejects.toMatchObject({
      code: 'NoSuchProduct',
    });
    const mixed = client({ endpoint: `hunyuan.tencentcloudapi.com:${emulator.port}`, agent: loopbackAgent() });
    await expect(mixed.request('SubmitTextToImageJob', { Prompt: 'x' })).rejects.toMatchObject({
      code: 'NoSuchVersion',
    });
  });
});

describe('the API of 2023-09-01', () => {
  const legacy = { version: '2023-09-01' };
  const run = (fields: object): Promise<Record<string, unknown>> =>
    roundTrip(client(legacy), 'SubmitHunyuanImageJob', 'QueryHunyuanImageJob', fields);

  it('makes several pictures, larger by Clarity', async () => {
    const before = emulator.ledger.billed;
    const answer = await run({
      Prompt: '猫',
      NegativePrompt: '模糊',
      Style: 'shuimo',
      Resolution: '768:1024',
      Num: 2,
      Clarity: 'x2',
      Revise: 0,
    });
    expect(answer).toMatchObject({ JobStatusCode: '5', ResultDetails: ['Success', 'Success'] });
    const size = { format: 'png', width: 1536, height: 2048 };
    expect(await imagesOf(answer)).toEqual([size, size]);
    expect(emulator.ledger.billed - before).toBe(2);
  });

  it.each([
    ['MissingParameter', {}],
    ['UnknownParameter', { Prompt: '猫', Images: [] }],
    ['UnknownParameter', { Prompt: '猫', ContentImage: { Base64: 'x' } }],
    ['InvalidParameterValue.TextLengthExceed', { Prompt: '猫'.repeat(1025) }],
    ['InvalidParameterValue.ParameterValueError', { Prompt: '猫', Style: '201' }],
    ['InvalidParameterValue.ParameterValueError', { Prompt: '猫', Num: 5 }],
    ['InvalidParameterValue.ParameterValueError', { Prompt: '猫', Clarity: 'x3' }],
    ['InvalidParameterValue.ParameterValueError', { Prompt: '猫', Seed: -1 }],
    ['InvalidParameterValue.ParameterValueError', { Prompt: '猫', Resolution: '1248:832' }],
    [
      'InvalidParameterValue.ParameterValueError',
      { Prompt: '猫', Resolution: '720:1280', ContentImage: { ImageUrl: 'https://a.cn/1' } },
    ],
    ['InvalidParameterValue.ImageEmpty', { Prompt: '猫', ContentImage: {} }],
  ])('answers %s', async (code, fields) => {
    await expect(run(fields)).rejects.toMatchObject({ code });
  });

  it('does not know the jobs of Image 3.0', async () => {
    const { JobId } = await client().request('SubmitTextToImageJob', { Prompt: 'x', Revise: 0 });
    await expect(client(legacy).request('QueryHunyuanImageJob', { JobId })).rejects.toMatchObject({
      code: 'FailedOperation.JobNotExist',
    });
  });

  it('can be left out, or end', async () => {
    emulator.set({ retired: ['2023-09-01'] });
    await expect(run({ Prompt: '猫' })).rejects.toMatchObject({ code: 'ResourceUnavailable.NotExist' });
    emulator.set({ retired: false });
    const only = await startHunyuanEmulator({ apis: ['image-3.0'] });
    const sdk = client({ ...legacy, endpoint: `127.0.0.1:${only.port}` });
    await expect(sdk.request('SubmitHunyuanImageJob', { Prompt: '猫' })).rejects.toMatchObject({
      code: 'NoSuchVersion',
    });
    await only.close();
  });
});
