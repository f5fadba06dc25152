import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { sampled } from '../../../test/support/long-runs.ts';
import { findObjects, paintPicture, paintPng, sceneObjects } from '../src/index.ts';
import { findCardObject, findColor, findStyle, subjectOf } from '../src/pictures/find-objects.ts';

const card = (subject: string): string =>
  `A single isolated object: ${subject}. Plain background in one even, light neutral colour.`;
const base = { width: 256, height: 256, seed: 7, painter: 'hunyuan' };

/** The mean colour of a picture, 0 to 255 each. */
async function meanColor(picture: Buffer): Promise<number[]> {
  const { channels } = await sharp(picture).stats();
  return channels.slice(0, 3).map(({ mean }) => mean);
}

/** How far apart two colours are. */
function distance(one: readonly number[], other: readonly number[]): number {
  return Math.hypot(...one.map((value, index) => value - (other[index] ?? 0)));
}

describe('the table of things', () => {
  test('has about 300 things, each word once in a language', () => {
    expect(sceneObjects.length).toBeGreaterThan(250);
    for (const language of ['english', 'chinese'] as const) {
      const words = sceneObjects.flatMap((object) => object[language]);
      expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
    }
    for (const { heightMeters } of sceneObjects) expect(heightMeters).toBeGreaterThan(0);
  });

  test.each([
    ['stool, an old round wooden stool', 'stool'],
    ['灯笼，一盏写意的红纸灯笼', 'red-paper-lantern'],
    ['汤锅，一口冒着热气的大铜汤锅', 'pot-of-food'],
    ['面碗，一只青花瓷面碗，里面盛满汤面', 'steaming-bowl'],
    ['木桌，一张被岁月磨亮的方木桌', 'table'],
    ['soup pot', 'pot-of-food'],
    ['coffee table', 'table'],
    ['books', 'books'],
    ['two bicycles', 'bicycle'],
    ['keeper, a glowing lantern on a hook', 'red-paper-lantern'],
  ])('finds what "%s" shows', (subject, picture) => {
    expect(findCardObject(subject)?.picture).toBe(picture);
  });

  test('finds the things of a scene in their order, and no thing in a word that only sounds like one', () => {
    const found = findObjects('雨夜的面馆，暖黄的灯光，窗外下着雨，有木桌和灯笼');
    expect(found.map(({ word }) => word)).toEqual(['木桌', '灯笼']);
    expect(findObjects('A study with a desk and a brass telescope').map(({ word }) => word)).toEqual([
      'desk',
      'telescope',
    ]);
  });

  test('takes colour and subject from the sentence that names the thing', () => {
    expect(subjectOf(card('a red umbrella'))).toBe('a red umbrella');
    expect(findColor(subjectOf(card('a red umbrella')))).toEqual([200, 44, 40]);
    expect(findColor(subjectOf(card('an umbrella')))).toBeUndefined();
    // Clay of this name is brown.
    expect(findColor('一把紫砂茶壶')).toEqual(findColor('a brown teapot'));
    expect(findStyle('水彩风格')).toBe('watercolour');
  });
});

describe('drawn pictures', () => {
  beforeEach(() => void vi.stubEnv('HOLODECK_EMULATOR_PICTURES', 'drawn'));
  afterEach(() => void vi.unstubAllEnvs());

  test('the same options give the same bytes, another thing another picture', async () => {
    const [one, again, other] = await Promise.all([
      paintPicture({ ...base, prompt: card('stool') }),
      paintPicture({ ...base, prompt: card('stool') }),
      paintPicture({ ...base, prompt: card('umbrella') }),
    ]);
    expect(one.equals(again)).toBe(true);
    expect(one.equals(other)).toBe(false);
    expect(one.equals(paintPng({ ...base, prompt: card('stool') }))).toBe(false);
  });

  test('a colour that is named is the colour of the thing', async () => {
    const [red, blue] = await Promise.all(
      ['red', 'blue'].map(async (color) =>
        meanColor(await paintPicture({ ...base, prompt: card(`${color} umbrella`) })),
      ),
    );
    const warmth = (color: number[] = []): number => (color[0] ?? 0) - (color[2] ?? 0);
    expect(warmth(red)).toBeGreaterThan(warmth(blue) + 10);
  });

  test('a card follows the palette of the reference that it received', async () => {
    const scene = (painter: string): Promise<Buffer> =>
      paintPicture({
        ...base,
        painter,
        prompt: 'A wide establishing view of one coherent scene: a kitchen with a table.',
      });
    const references = await Promise.all(['hunyuan', 'openai'].map(scene));
    expect(distance(await meanColor(references[0]!), await meanColor(references[1]!))).toBeGreaterThan(10);
    const follow = async (reference: Buffer, painter: string): Promise<number[]> =>
      meanColor(await paintPicture({ ...base, painter, prompt: card('stool'), reference }));
    const [first, same, other] = [
      await follow(references[0]!, 'hunyuan'),
      await follow(references[0]!, 'openai'),
      await follow(references[1]!, 'hunyuan'),
    ];
    expect(same).toEqual(first);
    expect(distance(first, other)).toBeGreaterThan(1);
  });

  test.each(sampled(sceneObjects, 20).map(({ picture, english }) => [picture, english[0] ?? '']))(
    'the card of %s touches no edge and stands on an even, light ground',
    async (_picture, word) => {
      const picture = await paintPicture({ ...base, prompt: card(word) });
      const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
      const pixel = (x: number, y: number): number[] => [
        ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
      ];
      const ground = pixel(0, 0);
      for (const value of ground) expect(value).toBeGreaterThan(215);
      for (let at = 0; at < 256; at += 5)
        for (const [x, y] of [
          [at, 0],
          [at, 255],
          [0, at],
          [255, at],
        ] as const)
          expect(pixel(x, y)).toEqual(ground);
      expect(distance(await meanColor(picture), ground)).toBeGreaterThan(3);
    },
  );

  test('a transparent card has real transparency around the thing', async () => {
    const picture = await paintPicture({ ...base, prompt: card('chair'), transparent: true });
    const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(4);
    expect(data[3]).toBe(0);
  });

  test('says that an emulator painted it', async () => {
    const picture = await paintPicture({ ...base, prompt: card('chair') });
    expect(picture.includes('Painted by an emulator; no image model was used.')).toBe(true);
  });
});
