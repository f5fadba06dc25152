import { inspectImage } from '@holodeck/core/backend';
import type { GenerationSuccess, GenerationTask, ImageErrorKind, ImageFormat } from '@holodeck/core';
import type { BackendFixture } from './backend-fixture.ts';
import type { DefineTest } from './backend-suite.ts';
import { illegalSizes, legalSizes, text } from './sample-sizes.ts';

const free = { images: 0 };
const unsupported: readonly ImageErrorKind[] = ['unsupported'];
const invalid: readonly ImageErrorKind[] = ['invalid-request', 'unsupported'];

/**
 * The options of a request, one by one. What is not declared is refused before anything is sent; what is declared arrives
 * at the server. An option that is dropped in silence spoils an image that is paid for.
 */
export function defineOptionTests(test: DefineTest): void {
  test(
    'refuses a prompt that cannot be sent as it is',
    async (fixture) => {
      const { maxPromptLength } = fixture.backend.capabilities;
      const wrong: unknown[] = [
        '',
        ' \n\t',
        undefined,
        7,
        'cut \ud83c',
        '\udfee cut',
        'nul \0',
        '𠮷'.repeat(maxPromptLength + 1),
      ];
      for (const prompt of wrong) await refused(fixture, { prompt: prompt as string }, invalid);
    },
    free,
  );

  test('sends the prompt letter for letter', async (fixture) => {
    const prompt = '雨夜的面馆："热汤" & <steam>\n第二行 \\ 100% 🏮 naïve';
    await made(fixture, { prompt });
    fixture.expect((await fixture.lastSubmission()).prompt).toBe(prompt);
  });

  test('sends a prompt of the greatest length, counted in code points', async (fixture) => {
    const { maxPromptLength } = fixture.backend.capabilities;
    const prompt = `${'面'.repeat(maxPromptLength - 1)}🏮`;
    await made(fixture, { prompt });
    fixture.expect((await fixture.lastSubmission()).prompt === prompt, 'the whole prompt arrived').toBe(true);
  });

  test('negative prompt: sent where declared, refused elsewhere', async (fixture) => {
    const max = fixture.backend.capabilities.maxNegativePromptLength;
    if (max === undefined) return refused(fixture, { negativePrompt: '模糊' }, unsupported);
    for (const negativePrompt of ['', 'cut \ud83c', '面'.repeat(max + 1)])
      await refused(fixture, { negativePrompt }, invalid);
    await made(fixture, { negativePrompt: '模糊, watermark' });
    fixture.expect((await fixture.lastSubmission()).negativePrompt).toBe('模糊, watermark');
  });

  test(
    'size: refuses what breaks a condition of its rule, and what is not a size',
    async (fixture) => {
      for (const { size, breaks } of illegalSizes(fixture.backend.capabilities.size))
        await refused(fixture, { size }, invalid, `${text(size)}, which breaks ${breaks}`);
      for (const size of ['big', '0x0', '1024', '-1x5', { width: 10.5, height: 10 }, { width: NaN, height: 1 }])
        await refused(fixture, { size }, invalid, JSON.stringify(size));
    },
    free,
  );

  test('size: sends square, wide and tall ones that its rule allows', async (fixture) => {
    const sizes = legalSizes(fixture.backend.capabilities.size);
    fixture.expect(sizes.length).toBeGreaterThanOrEqual(1);
    for (const size of sizes) {
      await made(fixture, { size });
      fixture.expect((await fixture.lastSubmission()).size).toEqual(size);
    }
  });

  test('seed: sent where declared, refused elsewhere and outside its range', async (fixture) => {
    const range = fixture.backend.capabilities.seed;
    for (const seed of [1.5, Number.NaN, 2 ** 60]) await refused(fixture, { seed }, invalid);
    if (range === undefined) return refused(fixture, { seed: 7 }, unsupported);
    const outside = [range.min - 1, range.max + 1].filter((seed) => Number.isSafeInteger(seed));
    for (const seed of outside) await refused(fixture, { seed }, invalid);
    for (const seed of [range.min, range.max]) {
      const { images } = await made(fixture, { seed });
      fixture.expect((await fixture.lastSubmission()).seed).toBe(seed);
      fixture.expect([undefined, seed], 'the seed of the result').toContain(images[0].seed);
    }
  });

  test('style: sent where declared, refused elsewhere', async (fixture) => {
    if (!fixture.backend.capabilities.style) return refused(fixture, { style: 'watercolour' }, unsupported);
    await made(fixture, { style: 'watercolour' });
    fixture.expect((await fixture.lastSubmission()).style).toBe('watercolour');
  });

  test('count: sent up to its maximum, refused above', async (fixture) => {
    const { maxCount } = fixture.backend.capabilities;
    for (const count of [0, -1, 1.5, maxCount + 1]) await refused(fixture, { count }, invalid);
    const count = Math.min(maxCount, 3);
    const { images } = await made(fixture, { count });
    fixture.expect(images).toHaveLength(count);
    fixture.expect((await fixture.lastSubmission()).count ?? 1).toBe(count);
  });

  test('format: sent and honoured where declared, refused elsewhere', async (fixture) => {
    const { formats } = fixture.backend.capabilities;
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      if (!formats.includes(format)) await refused(fixture, { format }, unsupported);
    }
    await refused(fixture, { format: 'tga' as ImageFormat }, invalid);
    for (const format of formats) {
      const { images } = await made(fixture, { format });
      fixture.expect((await fixture.lastSubmission()).format).toBe(format);
      fixture.expect(images[0].mediaType).toBe(`image/${format}`);
    }
  });

  test('transparent background: sent where declared, refused elsewhere and with JPEG', async (fixture) => {
    const { transparentBackground, formats } = fixture.backend.capabilities;
    if (!transparentBackground) return refused(fixture, { background: 'transparent' }, unsupported);
    if (formats.includes('jpeg')) await refused(fixture, { background: 'transparent', format: 'jpeg' }, invalid);
    const { images } = await made(fixture, { background: 'transparent' });
    fixture.expect((await fixture.lastSubmission()).background).toBe('transparent');
    fixture.expect(inspectImage(images[0].bytes ?? new Uint8Array())?.hasAlpha, 'an alpha channel').toBe(true);
  });

  test('opaque background: sent where it can be asked for, and no error where it is all there is', async (fixture) => {
    await made(fixture, { background: 'opaque' });
    const expected = fixture.backend.capabilities.opaqueBackground === true ? 'opaque' : undefined;
    fixture.expect((await fixture.lastSubmission()).background).toBe(expected);
  });

  test(
    'provider options: refuses unknown ones of its own before the wire',
    async (fixture) => {
      const { backend, expect } = fixture;
      const options = { 'no-such-option': true };
      const request = fixture.request({ providerOptions: options });
      expect(backend.capabilities.validate?.(request).length ?? 0).toBeGreaterThanOrEqual(1);
      await refused(fixture, { providerOptions: { [backend.name]: options } }, invalid);
    },
    free,
  );

  test('provider options: those of other backends change nothing', async (fixture) => {
    await made(fixture, { providerOptions: { 'another-backend': { 'no-such-option': true } } });
  });

  test(
    'validate finds nothing wrong with a plain request, and the same each time',
    async (fixture) => {
      const { backend, expect } = fixture;
      const { validate = () => [] } = backend.capabilities;
      expect(validate(fixture.request())).toEqual([]);
      expect(validate(fixture.request())).toEqual([]);
      for (const odd of [null, [], 'text', { deep: [1] }]) {
        const problems: unknown = validate(fixture.request({ providerOptions: { odd } }));
        expect(Array.isArray(problems) && problems.every(isSentence)).toBe(true);
      }
      await fixture.expectSubmissions(0);
    },
    free,
  );

  test('drops with a warning what it does not have, where the caller wants that', async (fixture) => {
    const { capabilities } = fixture.backend;
    const task: Partial<GenerationTask> = {
      ...(capabilities.maxNegativePromptLength === undefined ? { negativePrompt: 'blur' } : {}),
      ...(capabilities.seed === undefined ? { seed: 7 } : {}),
      ...(capabilities.style ? {} : { style: 'watercolour' }),
      ...(capabilities.transparentBackground ? {} : { background: 'transparent' as const }),
    };
    const features = Object.keys(task);
    const result = await fixture.client({ onUnsupported: 'warn' }).generateOrThrow(fixture.task(task));
    const warned = result.warnings.filter(({ code }) => code === 'unsupported-option').map(({ feature }) => feature);
    for (const feature of features) fixture.expect(warned).toContain(feature);
    const seen = await fixture.lastSubmission();
    for (const feature of features)
      fixture.expect(seen[feature as keyof typeof seen], `${feature} was not sent`).toBeUndefined();
  });
}

/** The task is refused with one of these kinds, and the server has seen nothing of it. */
export async function refused(
  fixture: BackendFixture,
  changes: Partial<GenerationTask>,
  kinds: readonly ImageErrorKind[],
  what: string = JSON.stringify(changes)?.slice(0, 80) ?? '',
): Promise<void> {
  const { expect, harness } = fixture;
  const before = await harness.submissions();
  const result = await fixture.within(fixture.client().generate(fixture.task(changes)), 'generate');
  if (result.success) throw new Error(`It was not refused: ${what}`);
  expect(kinds, `kind for ${what} (${result.error.message})`).toContain(result.error.kind);
  expect(result.error.outcome, `outcome for ${what}`).toBe('not-submitted');
  expect(await harness.submissions(), `submissions after ${what}`).toBe(before);
}

/** The images of a task that must succeed with one submission. */
export async function made(fixture: BackendFixture, changes: Partial<GenerationTask>): Promise<GenerationSuccess> {
  const { expect, harness } = fixture;
  const before = await harness.submissions();
  const client = fixture.client();
  const result = await fixture.within(client.generateOrThrow(fixture.task(changes)), 'generate');
  expect(await harness.submissions(), 'submissions').toBe(before + 1);
  const dropped = result.warnings.filter(
    ({ code, feature = '' }) => code === 'unsupported-option' && Object.hasOwn(changes, feature),
  );
  expect(dropped, 'options that were dropped').toEqual([]);
  return result;
}

/** A sentence, or a message that can be said in other languages. */
function isSentence(problem: unknown): boolean {
  return typeof problem === 'string' || typeof (problem as { readonly message?: unknown } | null)?.message === 'string';
}
