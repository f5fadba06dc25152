import { crc32 } from 'node:zlib';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { BackendResult, JobContext, JobHandle } from '../src/backend.ts';
import type { GenerationTask } from '../src/index.ts';
import { ScriptedBackend } from './support/scripted-backend.ts';
import { failureOf, outputDir, start, useOutputDir } from './support/scripted-client.ts';
import { createSampleImages } from './images/sample-images.ts';

useOutputDir();

const small: GenerationTask = { prompt: 'a cat', taskId: 'cat', size: '64x64' };

describe('a picture of another size than was asked for', () => {
  it('gets a warning with both sizes', async () => {
    const { client } = start();
    const result = await client.generate({ ...small, size: '128x128' });
    const said = { size: '64x64', wanted: '128x128' };
    expect(result).toMatchObject({
      success: true,
      warnings: [{ code: 'size-differs', feature: 'size', params: said }],
    });
    expect(result.warnings[0]?.message).toContain('64x64');
    expect(await start().client.generate({ ...small, taskId: 'fits' })).toMatchObject({ warnings: [] });
  });

  it('gets none where an option of the backend takes the place of the size', async () => {
    const { client } = start();
    const providerOptions = { scripted: { size: '64x64' } };
    expect(await client.generate({ ...small, size: '128x128', providerOptions })).toMatchObject({ warnings: [] });
  });
});

/** A provider that delivers these bytes. */
class Painter extends ScriptedBackend {
  readonly #picture: Uint8Array;
  constructor(picture: Uint8Array) {
    super();
    this.#picture = picture;
  }

  override async collect(_handle: JobHandle, context: JobContext): Promise<BackendResult> {
    context.onEnded?.();
    this.collections += 1;
    const sink = await context.openImage(0);
    await sink.write(this.#picture);
    await sink.close();
    return { images: [{ index: 0 }] };
  }
}

/** A sample with another size in its header. */
async function resized(name: string, change: (bytes: Buffer) => void): Promise<Buffer> {
  const sample = (await createSampleImages()).find((one) => one.name === name);
  const bytes = Buffer.from(sample!.bytes);
  change(bytes);
  return bytes;
}

const pngOf =
  (width: number, height: number) =>
  (bytes: Buffer): void => {
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  };

describe('a picture that is far too large', () => {
  it.each([
    ['png', 'PNG by its side', pngOf(16_385, 1)],
    ['png', 'PNG by its pixels', pngOf(9000, 9000)],
    [
      'jpeg',
      'JPEG',
      (bytes: Buffer) => {
        const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
        bytes.writeUInt16BE(50_000, frame + 5);
        bytes.writeUInt16BE(50_000, frame + 7);
      },
    ],
    [
      'webp',
      'WebP',
      (bytes: Buffer) => {
        const start = bytes.indexOf(Buffer.from([0x9d, 0x01, 0x2a]));
        bytes.writeUInt16LE(0x3fff, start + 3);
        bytes.writeUInt16LE(0x3fff, start + 5);
      },
    ],
  ])('%s: %s is refused, counts as paid, and leaves nothing', async (name, _how, change) => {
    const backend = new Painter(await resized(name, change));
    const { client } = start({}, {}, backend);
    const result = await client.generate(small);
    expect(failureOf(result)).toMatchObject({
      kind: 'bad-response',
      outcome: 'lost',
      messageId: 'core.delivered-oversized',
    });
    expect(result.paidAttempts).toBeGreaterThanOrEqual(1);
    expect((await readdir(outputDir)).filter((file) => !file.startsWith('.'))).toEqual([]);
  });
});
