import { describe, expect, it } from 'vitest';
import { comfyuiOptionsFromEnvironment } from './comfyui-environment.ts';
import { resolveServers } from './comfyui-options.ts';
import { createComfyUIBackend } from './comfyui-backend.ts';
import { standardGraph, plainGraph } from '../test/support/graphs.ts';

describe('options', () => {
  it('reads the environment, and is not configured without a URL', () => {
    expect(comfyuiOptionsFromEnvironment({})).toBeUndefined();
    expect(comfyuiOptionsFromEnvironment({ COMFYUI_URL: ' ', COMFYUI_WORKFLOW: 'x.json' })).toBeUndefined();
    expect(comfyuiOptionsFromEnvironment({ COMFYUI_URL: '<your url>' })).toBeUndefined();
    expect(
      comfyuiOptionsFromEnvironment({
        COMFYUI_URL: 'http://gpu:8188',
        COMFYUI_CHECKPOINT: 'a.ckpt',
        COMFYUI_WORKFLOW: 'w.json',
      }),
    ).toEqual({
      url: 'http://gpu:8188',
      checkpoint: 'a.ckpt',
      workflow: 'w.json',
    });
    expect(comfyuiOptionsFromEnvironment({ COMFYUI_URL: 'http://a:1, http://b:2' })).toEqual({
      urls: ['http://a:1', 'http://b:2'],
    });
  });

  it.each([
    ['X-API-Key: comfyui-abc:def', { 'X-API-Key': 'comfyui-abc:def' }],
    ['Authorization: Bearer abc', { Authorization: 'Bearer abc' }],
    [
      '{"CF-Access-Client-Id":"a","CF-Access-Client-Secret":"b"}',
      { 'CF-Access-Client-Id': 'a', 'CF-Access-Client-Secret': 'b' },
    ],
    ['<your header>', undefined],
  ])('reads headers for a proxy: %s', (text, headers) => {
    expect(comfyuiOptionsFromEnvironment({ COMFYUI_URL: 'http://a:1', COMFYUI_HEADERS: text })?.headers).toEqual(
      headers,
    );
  });

  it.each(['secret-token', '{"a": secret-token}', '["secret-token"]', '{"a":{"b":"secret-token"}}'])(
    'refuses headers that are none without repeating them: %s',
    (text) => {
      const read = (): unknown => comfyuiOptionsFromEnvironment({ COMFYUI_URL: 'http://a:1', COMFYUI_HEADERS: text });
      expect(read).toThrow(/COMFYUI_HEADERS is neither/);
      expect(read).not.toThrow(/secret-token/);
    },
  );

  it('keeps secrets of the URL out of lane and label', () => {
    const [server] = resolveServers({ url: 'https://user:p%40ss@gpu.example:8443/comfy/?token=secret#x' });
    expect(server).toMatchObject({
      label: 'gpu.example:8443/comfy',
      headers: { authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}` },
    });
    expect(JSON.stringify([server!.lane, server!.url.href])).not.toMatch(/user|p@ss|secret/);
    const [again] = resolveServers({ url: 'https://gpu.example:8443/comfy' });
    expect(again!.lane.id).toBe(server!.lane.id);
  });

  it.each([
    [{ url: 'gpu:8188' }, /must be an http or https URL/],
    [{ url: 'http://a', urls: ['http://b'] }, /either url or urls/],
    [{ urls: [] }, /at least one/],
    [{ urls: ['http://a', 'http://a/'] }, /twice/],
    [{ headers: { Origin: 'http://x' } }, /"Origin" cannot be set.*Origin/],
    [{ headers: { 'X-Key': 'a\nb' } }, /name or value that HTTP does not allow/],
    [{ maxConcurrent: 0 }, /maxConcurrent/],
    [{ sampling: { denoise: 2 } }, /denoise/],
    [{ sampling: { step: 2 } }, /no option sampling\.step/],
    [{ binding: {} }, /belongs to a workflow/],
    [{ checkpoint: '' }, /checkpoint/],
    [{ previewMethod: 'best' }, /previewMethod/],
    [{ ulr: 'http://a' }, /no ComfyUI option "ulr"/],
    [{ workflow: plainGraph(), checkpoint: 'a.ckpt' }, /no single checkpoint loader/],
  ])('refuses %j', (options, message) => {
    expect(() => createComfyUIBackend(options as never)).toThrow(message);
  });
});

describe('capabilities and fingerprint', () => {
  it("follow the workflow's binding", async () => {
    const plain = createComfyUIBackend({ workflow: plainGraph() });
    expect(plain.capabilities).toMatchObject({
      maxCount: 64,
      size: { maxSide: 16_384 },
      locatable: true,
      cancellable: true,
      billable: false,
    });
    expect(plain.capabilities).not.toHaveProperty('seed');
    expect(plain.capabilities).not.toHaveProperty('maxNegativePromptLength');
    expect(plain.capabilities).not.toHaveProperty('references');
    const standard = createComfyUIBackend({ workflow: standardGraph() });
    expect(standard.capabilities).toMatchObject({
      seed: { min: 0, max: Number.MAX_SAFE_INTEGER },
      maxNegativePromptLength: 100_000,
      size: { multipleOf: 8 },
    });
    const builtin = createComfyUIBackend();
    expect(builtin.capabilities).toMatchObject({
      maxCount: 64,
      references: { roles: ['init', 'style'], maxCount: 6 },
      maxNegativePromptLength: 100_000,
    });
    expect(createComfyUIBackend({ checkpoint: 'flux1-dev.safetensors' }).capabilities).not.toHaveProperty(
      'maxNegativePromptLength',
    );
    await Promise.all([plain.close(), standard.close(), builtin.close()]);
  });

  it('name the look: the graph, its binding, the checkpoint', () => {
    const of = (options: Parameters<typeof createComfyUIBackend>[0]): string =>
      createComfyUIBackend(options).fingerprint;
    const changed = standardGraph();
    changed['3']!.inputs['steps'] = 5;
    const prints = [
      of({}),
      of({ checkpoint: 'a.safetensors' }),
      of({ sampling: { steps: 3 } }),
      of({ workflow: standardGraph() }),
      of({ workflow: changed }),
      of({ workflow: standardGraph(), checkpoint: 'a.safetensors' }),
    ];
    expect(new Set(prints).size).toBe(prints.length);
    expect(of({ url: 'http://other:1', workflow: standardGraph() })).toBe(prints[3]);
    expect(createComfyUIBackend({ workflow: standardGraph() }).model).toBe('emulator-checkpoint');
  });
});
