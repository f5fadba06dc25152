import { describe, expect, it } from 'vitest';
import { kindOfPrompt, paintPng } from '../src/index.ts';
import { readImageHeader } from '../src/base/image-header.ts';
import type { DecodedPng } from './support/decode-png.ts';
import { decodePng } from './support/decode-png.ts';

const square = { width: 512, height: 512, seed: 3 };

/** Is the pixel part of the object, that is, not the ground of the upper left corner? */
function objectMask({ width, height, channels, pixels }: DecodedPng): boolean[] {
  const ground = pixels.subarray(0, channels);
  return Array.from({ length: width * height }, (_, index) => {
    const at = index * channels;
    return channels === 4 ? pixels[at + 3] !== 0 : !pixels.subarray(at, at + channels).equals(ground);
  });
}

/** How many connected areas the mask has. */
function countAreas(mask: boolean[], width: number): number {
  const left = [...mask];
  let areas = 0;
  for (const [start, filled] of mask.entries()) {
    if (!filled || left[start] !== true) continue;
    areas += 1;
    const open = [start];
    left[start] = false;
    for (let at = open.pop(); at !== undefined; at = open.pop())
      for (const next of [at - 1, at + 1, at - width, at + width])
        if (left[next] === true) {
          left[next] = false;
          open.push(next);
        }
  }
  return areas;
}

describe('paintPng', () => {
  it('paints the size asked for, the same for the same prompt and seed only', () => {
    const picture = paintPng({ ...square, prompt: '雨夜的面馆', width: 1248, height: 832 });
    expect(readImageHeader(picture)).toEqual({ format: 'png', width: 1248, height: 832 });
    expect(decodePng(picture)).toMatchObject({ width: 1248, height: 832, channels: 3 });
    const again = paintPng({ ...square, prompt: '雨夜的面馆', width: 1248, height: 832 });
    expect(again.equals(picture)).toBe(true);
    const pixels = (prompt: string, seed: number): string =>
      decodePng(paintPng({ width: 64, height: 64, prompt, seed })).pixels.toString('base64');
    expect(new Set([pixels('a', 1), pixels('a', 2), pixels('b', 1)]).size).toBe(3);
  });

  it.each([1, 2, 3, 4, 5, 6])('paints a card as one whole object on a plain light ground (seed %i)', (seed) => {
    const card = decodePng(paintPng({ ...square, seed, prompt: '单个物体，纯色背景：橡木书架' }));
    const mask = objectMask(card);
    expect(card.pixels.subarray(0, 3).every((value) => value > 225)).toBe(true);
    const rows = mask.flatMap((filled, index) => (filled ? [Math.floor(index / 512)] : []));
    const columns = mask.flatMap((filled, index) => (filled ? [index % 512] : []));
    const [top, bottom] = [Math.min(...rows.slice(0, 1000)), Math.max(...rows.slice(-1000))];
    expect((bottom - top + 1) / 512).toBeCloseTo(0.72, 1);
    let [left, right] = [512, 0];
    for (const x of columns) [left, right] = [Math.min(left, x), Math.max(right, x)];
    expect(left).toBeGreaterThan(50);
    expect(right).toBeLessThan(462);
    expect(countAreas(mask, 512)).toBe(1);
  });

  it('paints a card with a really transparent ground', () => {
    const card = decodePng(paintPng({ ...square, prompt: 'isolated brass lamp', transparent: true }));
    const alphas = new Set(card.pixels.filter((_, index) => index % 4 === 3));
    expect(alphas).toEqual(new Set([0, 255]));
  });

  it('says that it is an emulator: in the file and in the picture', () => {
    for (const prompt of ['a noodle bar', 'single object: a lamp']) {
      const png = decodePng(paintPng({ ...square, prompt, text: { workflow: '{}' } }));
      expect(png.text).toMatchObject({ Description: prompt, Seed: '3', workflow: '{}' });
      expect(png.text['Software']).toContain('emulator');
      const light = png.pixels.filter((value, index) => index % 3 === 0 && (value === 245 || value === 250)).length;
      expect(light).toBeGreaterThan(500);
    }
  });

  it('paints a watermark only when asked', () => {
    const bytes = (watermark?: string): Buffer =>
      paintPng({ ...square, prompt: 'x', ...(watermark === undefined ? {} : { watermark }) });
    expect(decodePng(bytes('AI GENERATED')).pixels.equals(decodePng(bytes()).pixels)).toBe(false);
  });

  it('follows a look in its colours', () => {
    const pixel = (look: string): string =>
      decodePng(paintPng({ ...square, prompt: 'x', look })).pixels.toString('hex', 0, 3);
    expect(pixel('one')).not.toBe(pixel('two'));
  });

  it('makes files of an exact length that cannot be compressed', () => {
    const file = paintPng({ ...square, prompt: 'x', bytes: 1_000_000 });
    expect(file.length).toBe(1_000_000);
    expect(decodePng(file).width).toBe(512);
  });

  it('stays small and works at any size', () => {
    expect(paintPng({ prompt: 'a street', seed: 1, width: 1024, height: 1024 }).length).toBeLessThan(60_000);
    for (const [width, height] of [
      [1, 1],
      [64, 64],
      [512, 2048],
    ] as const)
      for (const kind of ['scene', 'object'] as const)
        expect(decodePng(paintPng({ prompt: 'x', seed: 1, width, height, kind, watermark: 'AI' })).width).toBe(width);
  });

  it('knows a card from a scene by the prompt', () => {
    for (const prompt of [
      '单个物体：书架',
      '一个独立的台灯',
      '纯色背景',
      'one isolated lamp',
      'on a plain, light grey background',
    ])
      expect(kindOfPrompt(prompt)).toBe('object');
    for (const prompt of ['雨夜的面馆', 'a room full of old books']) expect(kindOfPrompt(prompt)).toBe('scene');
  });
});
