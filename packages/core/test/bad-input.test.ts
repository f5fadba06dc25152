import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImageClient, ImageError } from '../src/index.ts';
import { ScriptedBackend } from './support/scripted-backend.ts';
import { failureOf, outputDir, start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

describe('bad input is refused before anything is sent', () => {
  const cases: [string, object, string, string][] = [
    ['an empty prompt', { prompt: '  ' }, 'invalid-request', 'empty'],
    ['no prompt', {}, 'invalid-request', 'missing'],
    ['a prompt that is too long', { prompt: '字'.repeat(101) }, 'invalid-request', '101 characters'],
    ['a lone surrogate', { prompt: 'a\ud800b' }, 'invalid-request', 'surrogate'],
    ['a size that is not one', { prompt: 'a', size: 'big' }, 'invalid-request', 'not a size'],
    ['an impossible size', { prompt: 'a', size: '4096:4096' }, 'invalid-request', 'above 2048'],
    ['a seed out of range', { prompt: 'a', seed: 0 }, 'invalid-request', '1 to 1000'],
    ['a seed that is not a whole number', { prompt: 'a', seed: 1.5 }, 'invalid-request', 'whole number'],
    ['an undeclared negative prompt', { prompt: 'a', negativePrompt: 'b' }, 'unsupported', 'negative prompt'],
    ['an undeclared style', { prompt: 'a', style: 'b' }, 'unsupported', 'style'],
    ['too many images', { prompt: 'a', count: 5 }, 'unsupported', 'at most 4'],
    [
      'undeclared references',
      { prompt: 'a', references: [{ path: '/nowhere.png' }] },
      'unsupported',
      'Reference pictures',
    ],
    ['an unknown field', { prompt: 'a', promt: 'b' }, 'invalid-request', 'promt'],
    ['an empty output path', { prompt: 'a', outputPath: ' ' }, 'invalid-request', 'not a path'],
  ];
  it.each(cases)('%s', async (_name, task, kind, text) => {
    const { client, backend } = start();
    const error = failureOf(await client.generate(task as never));
    expect(error).toMatchObject({ kind, outcome: 'not-submitted' });
    expect(error.message).toContain(text);
    expect(backend.submissions).toBe(0);
  });

  it('an unreadable or damaged reference', async () => {
    const references = { roles: ['style' as const], maxCount: 1, mediaTypes: ['image/png'] };
    const { client, backend } = start({ capabilities: { references } });
    const noPicture = join(outputDir, 'no-picture.png');
    await writeFile(noPicture, 'hello');
    const missing = failureOf(
      await client.generate({ prompt: 'a', references: [{ path: join(outputDir, 'missing.png') }] }),
    );
    expect(missing.message).toContain('ENOENT');
    for (const path of ['https://example.org/a.png?sign=secret', 'file:///a.png', 'data:image/png;base64,iVBO']) {
      const address = failureOf(await client.generate({ prompt: 'a', references: [{ path }] }));
      expect(address).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
      expect(address.message).toContain('Reference 1 is an address (URL)');
      expect(address.message).not.toContain('secret');
    }
    const wrong = failureOf(await client.generate({ prompt: 'a', references: [{ path: noPicture }] }));
    expect(wrong.message).toContain('not a picture');
    expect(backend.submissions).toBe(0);
  });

  it('an output folder that is a file', async () => {
    const file = join(outputDir, 'file');
    await writeFile(file, '');
    const { client, backend } = start({}, { outputDir: file });
    expect(failureOf(await client.generate({ prompt: 'a' }))).toMatchObject({
      kind: 'storage',
      outcome: 'not-submitted',
    });
    expect(backend.submissions).toBe(0);
  });

  it.each([{ maxConcurrent: 0 }, { timeoutMs: -1 }, { timeoutMS: 5 }, { onUnsupported: 'ignore' }])(
    'a bad option %j',
    (options) => {
      expect(() => new ImageClient(new ScriptedBackend(), options as never)).toThrow(ImageError);
    },
  );

  it('drops an unsupported option with a warning on request', async () => {
    const { client } = start({}, { onUnsupported: 'warn' });
    const result = await client.generate({ prompt: 'a', style: 'ink', size: '64x64' });
    expect(result.success).toBe(true);
    expect(result.warnings).toMatchObject([{ code: 'unsupported-option', feature: 'style' }]);
  });
});
