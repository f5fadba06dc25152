/**
 * Pictures for the emulators: real PNGs that depend on prompt and seed, that differ as a scene and an object card
 * differ, and that say that they are an emulator's - by a visible label and by text chunks in the file.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { glyphHeight, textRuns, textWidth } from './bitmap-font.ts';
import { drawCard } from './paint-card.ts';
import { drawScene } from './paint-scene.ts';
import { chunkOverhead, encodePng } from './png-encoder.ts';
import { createRandom, hashToSeed } from './random.ts';
import type { Canvas, Color, Drawing, LabelBox } from './row-canvas.ts';
import { RowCanvas } from './row-canvas.ts';
import type { Raster } from '../pictures/draw-picture.ts';

/** What a picture of the emulators shows. */
export interface PaintOptions {
  width: number;
  height: number;
  prompt: string;
  seed: number;
  /** `scene`: a landscape. `object`: one whole object on a plain light ground. Default: read from the prompt. */
  kind?: 'scene' | 'object';
  /** Leaves the ground of a card (or the sky of a scene) fully transparent; the file is then RGBA. */
  transparent?: boolean;
  /** What else the colours follow, such as a hash of the reference pictures. Default: prompt and seed. */
  look?: string;
  /** A second label in the lower right corner, as a provider's own mark. Letters of the bitmap font only. */
  watermark?: string;
  /** Pads the file to this many bytes, with bytes that cannot be compressed. */
  bytes?: number;
  /** Further text chunks by keyword. */
  text?: Readonly<Record<string, string>>;
  /** A finished drawing; default: a vase or a landscape. */
  raster?: Raster;
}

/** The label on each picture. */
const emulatorLabel = 'EMULATOR';

const cardWords =
  /单个物体|单一物体|单个对象|单个主体|独立|纯色背景|白色背景|纯白背景|白底|isolated|single object|one object|object card|plain\b[^.\n]{0,40}?(background|ground|backdrop)|white background/i;

/** Does a prompt ask for an object card? */
export function kindOfPrompt(prompt: string): 'scene' | 'object' {
  return cardWords.test(prompt) ? 'object' : 'scene';
}

/** Paints a PNG; the same options give the same bytes. */
export function paintPng(options: PaintOptions): Buffer {
  const { width, height, prompt, seed, transparent = false } = options;
  const kind = options.kind ?? kindOfPrompt(prompt);
  const random = createRandom(hashToSeed(`${seed} ${prompt}`));
  const hue = options.look === undefined ? random() : createRandom(hashToSeed(options.look))();
  const canvas: Canvas = { width, height, transparent, random, hue };
  const drawing = options.raster ? copyOf(options.raster) : kind === 'object' ? drawCard(canvas) : drawScene(canvas);
  const rows = new RowCanvas(width, transparent ? 4 : 3);
  const marks = placeLabel(emulatorLabel, drawing.label);
  if (options.watermark !== undefined)
    marks.push(...placeLabel(options.watermark, cornerBox(options, options.watermark)));
  const text = {
    Software: 'Holodeck image emulator',
    Comment: 'Painted by an emulator; no image model was used.',
    Description: prompt,
    Seed: String(seed),
    ...options.text,
  };
  const encode = (padding?: Uint8Array): Buffer =>
    encodePng({
      width,
      height,
      channels: rows.channels,
      text,
      ...(padding === undefined ? {} : { padding }),
      drawRow(y, row) {
        rows.use(row);
        drawing.drawRow(y, rows);
        for (const mark of marks) drawMark(mark, y, rows);
      },
    });
  return withBytes(options.bytes, `${seed} ${prompt}`, encode);
}

/** A picture of so many bytes: `encode` puts what is missing, which no compression makes smaller, into a chunk of its own. */
export function withBytes(bytes: number | undefined, seed: string, encode: (padding?: Uint8Array) => Buffer): Buffer {
  const picture = encode();
  const missing = (bytes ?? 0) - picture.length - chunkOverhead;
  return missing < 0 ? picture : encode(noise(missing, seed));
}

/** A finished drawing with a small label at its foot. */
function copyOf({ data, width, height, channels, label }: Raster): Drawing {
  const tall = Math.max(glyphHeight, Math.round(Math.min(width, height) / 48));
  const wide = Math.min(label.width, (textWidth(emulatorLabel) * tall) / glyphHeight);
  const box = { x: label.x + (label.width - wide) / 2, y: label.y - tall, width: wide, height: tall };
  return {
    drawRow: (y, rows) => rows.copy(data, y * width * channels),
    label: { ...box, color: label.isOnDark ? [250, 250, 248] : [40, 40, 44] },
  };
}

interface Mark {
  text: string;
  x: number;
  y: number;
  scale: number;
  color: Color;
}

function cornerBox({ width, height }: PaintOptions, text: string): LabelBox {
  const size = Math.max(glyphHeight, Math.round(Math.min(width, height) / 28));
  const wide = Math.round((textWidth(text) * size) / glyphHeight);
  return { x: width - wide - size, y: height - 2 * size, width: wide, height: size, color: [120, 120, 120] };
}

/** The largest whole scale that fits into the box, centred. Pictures too narrow for the font go without. */
function placeLabel(text: string, box: LabelBox): Mark[] {
  const fit = Math.min(box.width / textWidth(text), box.height / glyphHeight);
  const scale = Math.max(1, Math.floor(fit));
  if (textWidth(text) * scale > box.width) return [];
  const x = Math.round(box.x + (box.width - textWidth(text) * scale) / 2);
  const y = Math.round(box.y + (box.height - glyphHeight * scale) / 2);
  return [{ text, x, y, scale, color: box.color }];
}

function drawMark(mark: Mark, y: number, rows: RowCanvas): void {
  const row = Math.floor((y - mark.y) / mark.scale);
  if (row < 0 || row >= glyphHeight) return;
  for (const run of textRuns(mark.text, row))
    rows.fill(mark.x + run.start * mark.scale, mark.x + run.end * mark.scale, mark.color);
}

function noise(length: number, seed: string): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
