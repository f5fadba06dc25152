/**
 * `node --conditions=@holodeck/source scripts/object-sheet.ts`: makes `artifacts/objects.webp`, what the emulators draw
 * for forty things of scenes: for the English words, and for the Chinese ones.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { paintPicture } from '@holodeck/emulators';
import sharp from 'sharp';

import { letterOutlines } from '../packages/hybrid/src/output/letter-outlines.ts';
import { drawLine, outlineSymbols } from '../packages/hybrid/src/output/sheet-line.ts';
import { root } from './support/run-command.ts';

const things: readonly (readonly [english: string, chinese: string])[] = [
  ['an old wooden stool', '一张旧木凳'],
  ['a worn leather armchair', '一把磨旧的皮质扶手椅'],
  ['a green velvet sofa', '一张绿色丝绒沙发'],
  ['a square wooden table', '一张方木桌'],
  ['a tall oak bookcase', '一个高大的橡木书柜'],
  ['a brass desk lamp', '一盏黄铜台灯'],
  ['a red paper lantern', '一盏红纸灯笼'],
  ['a white candle', '一支白蜡烛'],
  ['a copper soup pot', '一口铜汤锅'],
  ['a bowl of noodles', '一碗汤面'],
  ['a round clay teapot', '一把紫砂茶壶'],
  ['a blue porcelain vase', '一只青花瓷瓶'],
  ['a steaming cup of coffee', '一杯热咖啡'],
  ['a wooden barrel', '一只木桶'],
  ['an iron-bound sea chest', '一个铁皮包边的航海箱'],
  ['an antique globe', '一个古董地球仪'],
  ['a brass telescope', '一架黄铜望远镜'],
  ['a stack of old books', '一摞旧书'],
  ['a typewriter', '一台老式打字机'],
  ['a grandfather clock', '一座落地钟'],
  ['a round mirror', '一面圆镜'],
  ['a potted plant', '一盆绿植'],
  ['a red umbrella', '一把红雨伞'],
  ['a black bicycle', '一辆黑色自行车'],
  ['a wooden door', '一扇木门'],
  ['a vintage radio', '一台复古收音机'],
  ['an acoustic guitar', '一把木吉他'],
  ['a grand piano', '一架三角钢琴'],
  ['a sword', '一把长剑'],
  ['a round shield', '一面圆盾'],
  ['a golden crown', '一顶金王冠'],
  ['a treasure map', '一张藏宝图'],
  ['a ship anchor', '一只船锚'],
  ['a street lamp', '一盏路灯'],
  ['a mailbox', '一个邮筒'],
  ['a ginger cat', '一只橘猫'],
  ['a pine tree', '一棵松树'],
  ['a campfire', '一堆篝火'],
  ['a camera', '一台照相机'],
  ['a tent', '一顶帐篷'],
];
const [side, gap, captionHeight, columns] = [150, 10, 26, 10];

const cells = await Promise.all(
  things.flat().map(async (subject, index) => {
    const prompt = `A single isolated object: ${subject}. Plain background in one even, light neutral colour.`;
    const painted = await paintPicture({
      width: 512,
      height: 512,
      prompt,
      seed: 7,
      kind: 'object',
      painter: 'hunyuan',
    });
    const place = Math.floor(index / 2);
    // The Chinese one is below the English one.
    const row = Math.floor(place / columns) * 2 + (index % 2);
    const [left, top] = [gap + (place % columns) * (side + gap), gap + row * (side + captionHeight + gap)];
    return { subject, left, top, input: await sharp(painted).resize(side).png().toBuffer() };
  }),
);
const width = gap + columns * (side + gap);
const height = gap + (cells.length / columns) * (side + captionHeight + gap);
const outlines = await letterOutlines(cells.map(({ subject }) => subject));
const captions = cells.map(({ subject, left, top }) =>
  drawLine(subject, { left, top: top + side + 4, width: side, size: 13 }, outlines),
);
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>${outlineSymbols(outlines)}</defs><rect width="${width}" height="${height}" fill="#fff"/>${captions.join('')}</svg>`;
const sheet = await sharp(Buffer.from(drawing))
  .composite(cells.map(({ left, top, input }) => ({ left, top, input })))
  .webp({ quality: 80 })
  .toBuffer();
await writeFile(join(root, 'artifacts', 'objects.webp'), sheet);
console.log(`artifacts/objects.webp: ${sheet.byteLength} bytes.`);
