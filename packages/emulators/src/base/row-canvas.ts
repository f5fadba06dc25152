/** A canvas of one row: pictures are drawn as coloured spans, row by row, without a whole bitmap in memory. */
import type { Random } from './random.ts';

/** Red, green, blue, 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/** The inputs of a drawing. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly transparent: boolean;
  readonly random: Random;
  /** Base hue, 0 to 1. */
  readonly hue: number;
}

/** Where a label goes, in pixels, and its colour. */
export interface LabelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly color: Color;
}

/** A drawing, row by row from the top, and the place of its label. */
export interface Drawing {
  drawRow(y: number, rows: RowCanvas): void;
  readonly label: LabelBox;
}

export class RowCanvas {
  readonly channels: 3 | 4;
  readonly #width: number;
  readonly #pixel: Buffer;
  #row: Buffer = Buffer.alloc(0);

  constructor(width: number, channels: 3 | 4) {
    this.#width = width;
    this.channels = channels;
    this.#pixel = Buffer.alloc(channels, 255);
  }

  /** Draws into this buffer from now on. */
  use(row: Buffer): void {
    this.#row = row;
  }

  /** Makes the whole row fully transparent (RGBA only). */
  clear(): void {
    this.#row.fill(0);
  }

  /** Fills from `start` up to, not including, `end`; what lies outside is cut off. */
  fill(start: number, end: number, color: Color): void {
    const from = Math.max(0, Math.round(start));
    const to = Math.min(this.#width, Math.round(end));
    if (to <= from) return;
    this.#pixel[0] = color[0];
    this.#pixel[1] = color[1];
    this.#pixel[2] = color[2];
    this.#row.fill(this.#pixel, from * this.channels, to * this.channels);
  }

  /** Copies a whole row of pixels of the same kind. */
  copy(pixels: Buffer, start: number): void {
    pixels.copy(this.#row, 0, start, start + this.#row.length);
  }

  fillAll(color: Color): void {
    this.fill(0, this.#width, color);
  }
}

/** A colour from hue, saturation and lightness, each 0 to 1. */
export function hsl(hue: number, saturation: number, lightness: number): Color {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): number => {
    const k = (offset + hue * 12) % 12;
    return Math.round(255 * (lightness - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

/** The colour between two, at `part` (0 to 1) of the way. */
export function mix(from: Color, to: Color, part: number): Color {
  return [between(from[0], to[0], part), between(from[1], to[1], part), between(from[2], to[2], part)];
}

/** The level between two, likewise. */
export function between(from: number, to: number, part: number): number {
  return Math.round(from + (to - from) * part);
}
