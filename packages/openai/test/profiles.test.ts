import { paintPng, startOpenAIEmulator } from '@holodeck/emulators';
import { expect, it, onTestFinished } from 'vitest';
import { RecordingProxy } from '../../../test/conformance/support/recording-proxy.ts';
import { createOpenAIBackend, openaiOptionsFromEnvironment } from '../src/index.ts';
import type { OpenAIProfileName } from '../src/index.ts';
import { errorOf, reference, request, testContext, testKey } from './support.ts';

const png = paintPng({ width: 64, height: 48, prompt: 'x', seed: 1 });
const uri = `data:image/png;base64,${png.toString('base64')}`;
const prompt = request().prompt;

/** The path and the body of one request with two reference pictures (or as many as are accepted). */
async function sent(
  profile: OpenAIProfileName,
  fields: Parameters<typeof request>[0] = {},
): Promise<{ readonly path: string; readonly json: unknown }> {
  const outputSize = { width: 64, height: 64 };
  const emulator = await startOpenAIEmulator({ server: profile, imageMs: 0, apiKey: testKey, outputSize });
  const proxy = await RecordingProxy.start(emulator.url);
  onTestFinished(async () => {
    proxy.close();
    await emulator.close();
  });
  const backend = createOpenAIBackend({ apiKey: testKey, baseURL: `${proxy.url}/v1`, profile });
  const count = Math.min(2, backend.capabilities.references?.maxCount ?? 0);
  const references = Array.from({ length: count }, () => reference(png));
  await backend.submit(request({ references, ...fields }), testContext(backend));
  const [exchange] = proxy.exchanges;
  const text = exchange?.body.toString() ?? '';
  return { path: exchange?.path ?? '', json: text.startsWith('{') ? JSON.parse(text) : text };
}

it.each([
  [
    'ark',
    '/images/generations',
    { model: 'doubao-seedream-4-0-250828', prompt, size: '1024x1024', watermark: false, image: [uri, uri] },
  ],
  [
    'xai',
    '/images/edits',
    {
      model: 'grok-imagine-image',
      prompt,
      aspect_ratio: '1:1',
      resolution: '1k',
      images: [
        { url: uri, type: 'image_url' },
        { url: uri, type: 'image_url' },
      ],
    },
  ],
  [
    'together',
    '/images/generations',
    {
      model: 'black-forest-labs/FLUX.2-pro',
      prompt,
      width: 1024,
      height: 1024,
      response_format: 'base64',
      reference_images: [uri, uri],
    },
  ],
  ['siliconflow', '/images/generations', { model: 'Kwai-Kolors/Kolors', prompt, image_size: '1024x1024', image: uri }],
  [
    'openrouter',
    '/images',
    {
      model: 'bytedance-seed/seedream-4.5',
      prompt,
      size: '1024x1024',
      input_references: [
        { type: 'image_url', image_url: { url: uri } },
        { type: 'image_url', image_url: { url: uri } },
      ],
    },
  ],
] as const)('%s is sent its own words, and nothing else', async (profile, path, json) => {
  expect(await sent(profile)).toEqual({ path: `/v1${path}`, json });
});

it.each(['vllm-omni', 'sglang'] as const)(
  '%s gets its pictures as parts that are all named `image`',
  async (profile) => {
    const body = await sent(profile, { seed: 7, negativePrompt: 'blur' });
    expect(body.path).toBe('/v1/images/edits');
    expect(String(body.json).match(/name="image"; filename=/g)).toHaveLength(2);
    expect(body.json).toMatch(/name="seed"\r\n\r\n7\r\n/);
    expect(body.json).toMatch(/name="negative_prompt"\r\n\r\nblur\r\n/);
  },
);

it.each([
  ['xai', { size: { width: 2560, height: 1440 } }, { aspect_ratio: '16:9', resolution: '2k' }],
  ['xai', { references: [reference(png)] }, { image: { url: uri, type: 'image_url' } }],
  ['ark', { references: [reference(png)] }, { image: uri }],
  ['ark', { providerOptions: { size: '2K' } }, { size: '2K' }],
  ['siliconflow', { count: 3, seed: 5, negativePrompt: 'blur' }, { batch_size: 3, seed: 5, negative_prompt: 'blur' }],
] as const)('%s spells %j', async (profile, fields, json) => {
  expect((await sent(profile, fields as Parameters<typeof request>[0])).json).toMatchObject(json);
});

it('knows the sizes of special models', () => {
  const sizeOf = (model: string): unknown =>
    createOpenAIBackend({ apiKey: testKey, profile: 'ark', model }).capabilities.size;
  expect(sizeOf('doubao-seedream-4-0-250828')).toMatchObject({ minPixels: 921_600 });
  expect(sizeOf('doubao-seedream-5-0-lite-260128')).toMatchObject({ minPixels: 3_686_400 });
  expect(sizeOf('doubao-seedream-5-0-pro')).toMatchObject({ maxPixels: 4_624_220 });
  expect(sizeOf('ep-20260101-own')).toEqual({});
});

it('needs a key if the service does; the profile alone configures a self-hosted server', () => {
  expect(() => createOpenAIBackend({ profile: 'xai' })).toThrow(/profile "xai" needs an API key/);
  expect(openaiOptionsFromEnvironment({ OPENAI_PROFILE: 'xai' })).toBeUndefined();
  expect(openaiOptionsFromEnvironment({ OPENAI_PROFILE: 'vllm-omni' })).toEqual({ profile: 'vllm-omni' });
  expect(createOpenAIBackend({ profile: 'sglang' }).capabilities).toMatchObject({ billable: false, seed: { min: 0 } });
});

// The proxy refuses the connection, so nothing leaves this machine.
const nowhere = { environment: { HTTPS_PROXY: 'http://127.0.0.1:1' } };
const signal = new AbortController().signal;

it.each([
  ['https://ark.cn-beijing.volces.com/api/v3', 'ark'],
  ['https://api.x.ai/v1', 'xai'],
  ['https://api.together.xyz/v1', 'together'],
  ['https://api.siliconflow.com/v1', 'siliconflow'],
  ['https://openrouter.ai/api/v1', 'openrouter'],
] as const)('the probe names the profile of %s', async (baseURL, profile) => {
  const plain = createOpenAIBackend({ apiKey: testKey, baseURL, profile: 'compatible', network: nowhere });
  expect((await plain.probe({ signal })).remedy).toContain(`OPENAI_PROFILE=${profile}`);
  const own = createOpenAIBackend({ apiKey: testKey, baseURL, profile, network: nowhere });
  expect((await own.probe({ signal })).remedy).not.toContain('OPENAI_PROFILE');
});

it('asks OpenRouter for its list of image models', async () => {
  const model = 'bytedance-seed/seedream-4.5';
  const emulator = await startOpenAIEmulator({
    server: 'openrouter',
    models: [{ id: model, created: 1, shutdown_date: null }],
  });
  onTestFinished(() => emulator.close());
  const backend = createOpenAIBackend({ apiKey: emulator.apiKey, baseURL: emulator.baseURL, profile: 'openrouter' });
  expect(await backend.probe({ signal })).toMatchObject({ status: 'ready' });
  expect(emulator.requests.at(-1)?.path).toBe('/v1/images/models');
});

it('xAI withholds a picture by leaving it out of its answer', async () => {
  const emulator = await startOpenAIEmulator({ server: 'xai', imageMs: 0 });
  onTestFinished(() => emulator.close());
  const backend = createOpenAIBackend({ apiKey: emulator.apiKey, baseURL: emulator.baseURL, profile: 'xai' });
  const error = await errorOf(backend.submit(request({ prompt: '__illegal__' }), testContext(backend)));
  expect(error).toMatchObject({ kind: 'content-policy', outcome: 'rejected' });
});
