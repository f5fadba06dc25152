import { createReplicate } from '@ai-sdk/replicate';
import { LoadAPIKeyError } from '@ai-sdk/provider';
import type { ImageModelV4 } from '@ai-sdk/provider';
import { ImageClient } from '@holodeck/core';
import { paintPng } from '@holodeck/emulators';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createAiSdkBackend } from '../src/index.ts';
import { ReplicateServer } from '../../../test/support/replicate-server.ts';
import type { ReplicateFault } from '../../../test/support/replicate-server.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-ai-sdk-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a provider that polls and downloads by itself (@ai-sdk/replicate)', () => {
  let server: ReplicateServer;
  beforeEach(async () => {
    server = await new ReplicateServer().start();
  });
  afterEach(() => server.close());

  function start(): ImageClient {
    const provider = createReplicate({ apiToken: server.token, baseURL: server.url });
    const model = provider.image('acme/postcards');
    return new ImageClient(
      createAiSdkBackend({
        model,
        sizeAs: 'aspect-ratio',
        capabilities: { seed: { min: 0, max: 99 } },
        providerOptions: ['pollIntervalMillis'],
      }),
      { outputDir: folder },
    );
  }

  test('makes an image, with what was asked for', async () => {
    const client = start();
    const result = await client.generate({ prompt: '雨夜的面馆', size: '1280x720', seed: 7 });
    expect(result).toMatchObject({
      success: true,
      backend: 'aisdk-replicate',
      images: [{ width: 64, mediaType: 'image/png' }],
    });
    expect(server.predictions).toEqual([
      expect.objectContaining({ prompt: '雨夜的面馆', aspect_ratio: '16:9', seed: 7, num_outputs: 1 }),
    ]);
    await client.close();
  });

  test.each([
    [
      { kind: 'refuse', status: 422, detail: 'input.prompt: not for r8_token0123456789token' },
      'invalid-request',
      'rejected',
    ],
    [{ kind: 'page', status: 422 }, 'unavailable', 'unknown'],
    [{ kind: 'lose-answer' }, 'unavailable', 'unknown'],
    [{ kind: 'fail' }, 'unavailable', 'unknown'],
    // What is refused after the prediction is not the prediction: it may be paid for.
    [{ kind: 'poll-404' }, 'unavailable', 'unknown'],
    [{ kind: 'lose-file' }, 'unavailable', 'unknown'],
  ] as const satisfies readonly (readonly [ReplicateFault, string, string])[])(
    '$0.kind: %s, %s',
    async (fault: ReplicateFault, kind, outcome) => {
      server.setFault(fault);
      const client = start();
      const result = await client.generate({ prompt: 'a chair' });
      expect(result).toMatchObject({ success: false, error: { kind, outcome } });
      expect(JSON.stringify(result)).not.toContain(server.token);
      expect(server.predictions.length).toBeLessThanOrEqual(1);
      await client.close();
    },
  );
});

/** A model in this process. */
function modelOf(doGenerate: ImageModelV4['doGenerate'], changes: Partial<ImageModelV4> = {}): ImageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'acme.image',
    modelId: 'postcard',
    maxImagesPerCall: 2,
    doGenerate,
    ...changes,
  };
}

const answer = { warnings: [], response: { timestamp: new Date(0), modelId: 'postcard', headers: {} } };

describe('a model of any provider', () => {
  test('its answer outlives the process that received it', async () => {
    const calls: unknown[] = [];
    const picture = paintPng({ width: 64, height: 64, prompt: 'p', seed: 1 });
    const model = modelOf(async (call) => {
      calls.push(call);
      return { ...answer, images: [picture.toString('base64')], warnings: [{ type: 'unsupported', feature: 'seed' }] };
    });
    const backend = createAiSdkBackend({ model });
    const context = {
      key: crypto.randomUUID(),
      lane: backend.lanes[0],
      signal: new AbortController().signal,
      spoolDirectory: folder,
    };
    const client = new ImageClient(backend);
    const request = { prompt: 'p', size: { width: 64, height: 64 }, references: [], count: 1, providerOptions: {} };
    const handle = await backend.submit(request, { ...context, openImage: () => Promise.reject(new Error('not yet')) });
    const other = createAiSdkBackend({ model });
    await expect(
      other.locate(context.key, { ...context, openImage: () => Promise.reject(new Error('no')) }),
    ).resolves.toBe('found');
    const written: Uint8Array[] = [];
    const sink = {
      write: async (part: Uint8Array) => void written.push(part),
      close: async () => undefined,
      abort: async () => undefined,
    };
    const result = await other.collect(handle, { ...context, openImage: async () => sink });
    expect(Buffer.concat(written).equals(picture)).toBe(true);
    expect(result.warnings).toEqual([expect.objectContaining({ message: 'postcard: unsupported seed' })]);
    expect(calls).toHaveLength(1);
    await client.close();
  });

  test('takes no more pictures than were asked for, and says how many came', async () => {
    const picture = paintPng({ width: 64, height: 64, prompt: 'p', seed: 1 });
    const model = modelOf(async () => ({
      ...answer,
      images: Array.from({ length: 30 }, () => Uint8Array.from(picture)),
    }));
    const client = new ImageClient(createAiSdkBackend({ model }));
    const result = await client.generate({ prompt: 'p', size: '64x64' });
    expect(result.success && result.images).toHaveLength(1);
    expect(result.warnings).toMatchObject([{ code: 'more-images', params: { kept: 1, got: 30 } }]);
    await client.close();
  });

  test('passes references on as files where they are declared, and refuses them where not', async () => {
    const calls: Parameters<ImageModelV4['doGenerate']>[0][] = [];
    const picture = paintPng({ width: 64, height: 64, prompt: 'p', seed: 1 });
    const model = modelOf(async (call) => {
      calls.push(call);
      return { ...answer, images: [Uint8Array.from(picture)] };
    });
    const references = [{ bytes: picture }];
    const plain = new ImageClient(createAiSdkBackend({ model }));
    expect(await plain.generate({ prompt: 'p', references })).toMatchObject({
      success: false,
      error: { kind: 'unsupported', outcome: 'not-submitted' },
    });
    expect(calls).toEqual([]);
    const taking = new ImageClient(
      createAiSdkBackend({
        model,
        capabilities: { references: { roles: ['style'], maxCount: 2, mediaTypes: ['image/png'] } },
      }),
    );
    expect(await taking.generate({ prompt: 'p', references })).toMatchObject({ success: true });
    expect(calls[0]?.files).toEqual([{ type: 'file', mediaType: 'image/png', data: expect.any(Uint8Array) }]);
    await Promise.all([plain.close(), taking.close()]);
  });

  test.each([
    ['no key', new LoadAPIKeyError({ message: 'ACME_API_KEY is missing.' }), 'auth', 'not-submitted'],
    ['an error of its own', new Error('boom'), 'unavailable', 'unknown'],
  ])('%s: %s', async (_name, error, kind, outcome) => {
    const client = new ImageClient(createAiSdkBackend({ model: modelOf(() => Promise.reject(error)) }));
    expect(await client.generate({ prompt: 'p' })).toMatchObject({ success: false, error: { kind, outcome } });
    await client.close();
  });

  test('no image, and what is not an image, count as paid', async () => {
    for (const images of [[], [Buffer.from('text').toString('base64')]]) {
      const client = new ImageClient(createAiSdkBackend({ model: modelOf(async () => ({ ...answer, images })) }));
      expect(await client.generate({ prompt: 'p' })).toMatchObject({ success: false, error: { outcome: 'lost' } });
      await client.close();
    }
  });

  test('a model of an older specification is refused', () => {
    const model = { ...modelOf(() => Promise.reject(new Error('never'))), specificationVersion: 'v2' } as never;
    expect(() => createAiSdkBackend({ model })).toThrow(/specification v2; v3 and v4/);
  });
});
