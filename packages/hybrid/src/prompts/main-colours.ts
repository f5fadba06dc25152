import { readFile } from 'node:fs/promises';
import type { PromptLanguage } from './script.ts';

/** Names of colours that a person would use, and where each stands in sRGB. */
const colours: readonly (readonly [red: number, green: number, blue: number, en: string, zh: string])[] = [
  [20, 20, 22, 'black', '黑色'],
  [75, 75, 78, 'dark grey', '深灰色'],
  [145, 145, 148, 'grey', '灰色'],
  [200, 200, 200, 'light grey', '浅灰色'],
  [248, 248, 246, 'white', '白色'],
  [240, 226, 196, 'cream', '米色'],
  [205, 175, 135, 'light brown', '浅棕色'],
  [139, 94, 52, 'brown', '棕色'],
  [70, 44, 26, 'dark brown', '深棕色'],
  [205, 35, 40, 'red', '红色'],
  [110, 20, 28, 'dark red', '暗红色'],
  [240, 150, 160, 'pink', '粉色'],
  [240, 130, 30, 'orange', '橙色'],
  [245, 200, 60, 'yellow', '黄色'],
  [190, 150, 50, 'gold', '金色'],
  [165, 205, 110, 'light green', '浅绿色'],
  [60, 145, 60, 'green', '绿色'],
  [25, 70, 40, 'dark green', '深绿色'],
  [110, 115, 55, 'olive', '橄榄色'],
  [45, 160, 160, 'teal', '青色'],
  [160, 205, 235, 'light blue', '浅蓝色'],
  [50, 105, 200, 'blue', '蓝色'],
  [25, 40, 90, 'dark blue', '深蓝色'],
  [125, 75, 165, 'purple', '紫色'],
  [60, 30, 85, 'dark purple', '深紫色'],
];

/** Colours of a smaller share say nothing of the whole. */
const leastShare = 0.05;
const mostNames = 5;
const side = 64;

/** Names of colours in each language, the most frequent first. */
export type ColourNames = Readonly<Record<PromptLanguage, readonly string[]>>;

/** The main colours of a picture; none where it cannot be read. */
export async function mainColours(path: string): Promise<ColourNames> {
  try {
    const { default: sharp } = await import('sharp');
    const pixels = await sharp(await readFile(path))
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .resize(side, side, { fit: 'fill' })
      .raw()
      .toBuffer();
    const found = mostFrequent(pixels).map((index) => colours[index]!);
    return { en: found.map(([, , , name]) => name), zh: found.map(([, , , , name]) => name) };
  } catch {
    // The words are an aid: without them the picture is made all the same.
    return { en: [], zh: [] };
  }
}

function mostFrequent(pixels: Uint8Array): readonly number[] {
  const counts = colours.map(() => 0);
  for (let at = 0; at + 2 < pixels.length; at += 3) {
    counts[nearest(pixels[at]!, pixels[at + 1]!, pixels[at + 2]!)]! += 1;
  }
  const least = (pixels.length / 3) * leastShare;
  return counts
    .map((count, index) => ({ count, index }))
    .filter(({ count }) => count >= least)
    .sort((a, b) => b.count - a.count)
    .slice(0, mostNames)
    .map(({ index }) => index);
}

function nearest(red: number, green: number, blue: number): number {
  let best = 0;
  let least = Infinity;
  for (const [index, [r, g, b]] of colours.entries()) {
    // Weighed as the eye does: "redmean", https://www.compuphase.com/cmetric.htm
    const mean = (red + r) / 2;
    const distance =
      (2 + mean / 256) * (red - r) ** 2 + 4 * (green - g) ** 2 + (2 + (255 - mean) / 256) * (blue - b) ** 2;
    if (distance < least) {
      least = distance;
      best = index;
    }
  }
  return best;
}
