import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPromptBuilder, promptVersion, readHolodeckObjects } from '../src/index.ts';
import type { PromptInput, PromptOptions } from '../src/index.ts';
import { FakeService } from './support/fake-service.ts';
import { hybrid, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

const { capabilities } = new FakeService('one').backend();

function card(name: string, description = '', hasReference = false): PromptInput {
  return { subject: { kind: 'card', name, description, hasReference } };
}

describe('the language is that of the text', () => {
  it.each([
    ['书架', 'zh'],
    ['高大的橡木书架 (oak)', 'zh'],
    ['brass desk lamp', 'en'],
    ['a lamp with 福 on it', 'en'],
    ['ラーメンの丼', 'en'],
    ['국수 그릇', 'en'],
    ['123', 'en'],
    ['', 'en'],
  ])('%j is %s', (text, language) => {
    expect(createPromptBuilder().build(card(text), capabilities).language).toBe(language);
  });
});

describe('a card', () => {
  it.each([
    ['面碗', '青花大碗', /^单个物体：面碗，青花大碗。.*纯色背景.*没有投影.*文字/],
    [
      'lamp',
      'brass desk lamp',
      /^A single isolated object: lamp, brass desk lamp\. .*[Pp]lain background.*No cast shadow.*no text/,
    ],
  ])('%s is one whole object on a plain ground', (name, description, pattern) => {
    const built = createPromptBuilder().build(card(name, description), capabilities);
    expect(built.prompt).toMatch(pattern);
    expect(built).toMatchObject({ version: promptVersion, warnings: [] });
  });

  it('does not say its name twice, nor ends a sentence twice', () => {
    const { prompt } = createPromptBuilder().build(card('lamp', 'Lamp of brass.'), capabilities);
    expect(prompt).toMatch(/^A single isolated object: Lamp of brass\. /);
  });

  it('mentions the reference only if one is sent', () => {
    const builder = createPromptBuilder();
    expect(builder.build(card('lamp', '', true), capabilities).prompt).toContain('reference picture');
    expect(builder.build(card('面碗', '', true), capabilities).prompt).toContain('参考图');
    expect(builder.build(card('lamp'), capabilities).prompt).not.toContain('reference');
  });
});

it('a scene is not taken for a card', () => {
  for (const text of ['雨夜的面馆', 'a noodle bar on a rainy night']) {
    const { prompt } = createPromptBuilder().build({ subject: { kind: 'scene-reference', text } }, capabilities);
    expect(prompt).not.toMatch(/单个物体|纯色背景|isolated|single object|plain background/i);
    expect(prompt).toContain(text);
  }
});

describe('own templates', () => {
  it('replace some of the built-in wording, under their own version', async () => {
    const prompts: PromptOptions = {
      version: 'studio-1',
      templates: { en: { card: ({ name }) => `STUDIO ${name}` } },
    };
    const service = new FakeService('one');
    const outputDir = await outputFolder();
    const objects = [{ id: 'lamp', name: 'lamp' }];
    await hybrid(outputDir, [service]).generateObjectCards({ sessionId: 's', withoutReference: true, objects });
    const [again] = await hybrid(outputDir, [service], { prompts }).generateObjectCards({
      sessionId: 's',
      withoutReference: true,
      objects,
    });
    expect(again).toMatchObject({
      success: true,
      source: 'generated',
      prompt: 'STUDIO lamp',
      promptVersion: 'studio-1',
    });
    const reference = await hybrid(outputDir, [service], { prompts }).generateSceneReference({
      ...scene,
      sessionId: 'other',
    });
    expect(reference).toMatchObject({ success: true, promptVersion: 'studio-1' });
    expect(reference.success && reference.prompt).toContain('场景全景');
  });

  it.each([
    { version: '', templates: {} },
    { version: promptVersion, templates: {} },
  ])('%j is refused', (options) => {
    expect(() => createPromptBuilder(options)).toThrow(expect.objectContaining({ kind: 'invalid-request' }));
  });
});

describe('objects.json of the original', () => {
  async function fileOf(text: string): Promise<string> {
    const path = join(await outputFolder(), 'objects.json');
    await writeFile(path, text);
    return path;
  }

  it('is read', async () => {
    const text = JSON.stringify({
      scene_style: '写实',
      objects: [
        {
          object_id: 'desk_01',
          name: '书桌',
          category: 'table',
          size_m: [1, 1, 1],
          visual_desc: '胡桃木书桌',
          must_exist: true,
        },
        { object_id: 'lamp_01', name: 'lamp' },
      ],
    });
    expect(await readHolodeckObjects(await fileOf(`\uFEFF${text}`))).toEqual({
      style: '写实',
      objects: [
        { id: 'desk_01', name: '书桌', description: '胡桃木书桌' },
        { id: 'lamp_01', name: 'lamp', description: '' },
      ],
    });
  });

  it.each([
    ['{', /not valid JSON/],
    ['{}', /no list "objects"/],
    ['{"objects":[{}]}', /objects\[0\] has no text "object_id"/],
    ['{"objects":[{"object_id":"a"}]}', /objects\[0\] has no text "name"/],
  ])('%s is refused', async (text, message) => {
    await expect(readHolodeckObjects(await fileOf(text))).rejects.toThrow(message);
  });

  it('a missing file is a storage error', async () => {
    await expect(readHolodeckObjects('/nowhere/objects.json')).rejects.toMatchObject({ kind: 'storage' });
    if (process.platform !== 'win32')
      await expect(readHolodeckObjects('/dev/zero')).rejects.toMatchObject({ kind: 'storage' });
  });
});
