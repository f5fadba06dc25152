import type { GroundModel } from './ground-model.ts';
import { surfaceAt } from './fit-surface.ts';
import type { Picture, Raster } from '../picture.ts';
import { region } from '../regions.ts';

/** The soft shadows and glows of a picture. */
export interface SoftShadow {
  /** Area without its thin rim, as a share of the frame. */
  readonly share: number;
  /** How much darker (or lighter) than the ground it gets: 0.2 = by a fifth. Mean over its area. */
  readonly depth: number;
}

/** A shadow keeps at least this share of the ground's light; what is darker counts as object. */
const darkest = 0.45;
/** A glow adds at most this. */
const lightest = 1.35;
/** Levels by which the hue of a shadow may differ from the ground's. */
const hueTolerance = 8;
/** Levels by which a shadow's rim may rise over two pixels, across and down together; crisp edges rise faster. */
const slope = 8;

/**
 * Tells pixels of a soft shadow or glow: the ground's hue, lighter or darker, without a crisp step. What is returned gives
 * the light of such a pixel as a share of the ground's, and undefined for all others.
 */
export function shadowTest(
  { width, height, pixels }: Raster,
  { surface }: GroundModel,
  grain: number,
): (at: number) => number | undefined {
  const step = slope + 4 * grain;
  const tolerance = hueTolerance + 2 * grain;
  const stride = width * 4;
  return (to) => {
    const column = to % width;
    const row = (to - column) / width;
    const at = to * 4;
    const before = column === 0 ? 0 : 4;
    const after = column === width - 1 ? 0 : 4;
    const above = row === 0 ? 0 : stride;
    const below = row === height - 1 ? 0 : stride;
    for (let channel = at; channel < at + 3; channel++) {
      const across = pixels[channel + after]! - pixels[channel - before]!;
      const down = pixels[channel + below]! - pixels[channel - above]!;
      if (Math.abs(across) + Math.abs(down) > step) return undefined;
    }
    const red = pixels[at]!;
    const green = pixels[at + 1]!;
    const blue = pixels[at + 2]!;
    const x = ((column + 0.5) * 2) / width - 1;
    const y = ((row + 0.5) * 2) / height - 1;
    const groundRed = surfaceAt(surface, 0, x, y);
    const groundGreen = surfaceAt(surface, 1, x, y);
    const groundBlue = surfaceAt(surface, 2, x, y);
    const light = (red + green + blue) / Math.max(1, groundRed + groundGreen + groundBlue);
    if (light < darkest || light > lightest) return undefined;
    if (Math.abs(red - light * groundRed) > tolerance) return undefined;
    if (Math.abs(green - light * groundGreen) > tolerance) return undefined;
    if (Math.abs(blue - light * groundBlue) > tolerance) return undefined;
    return light;
  };
}

/**
 * Separates soft shadows from the object: extends the ground across lighter or darker pixels of its hue, up to the next crisp
 * edge. A shadow with a hard edge looks like a part of the object and stays with it.
 */
export function takeOutSoftShadow(picture: Picture, regions: Uint8Array, ground: GroundModel): SoftShadow {
  const { width, height } = picture;
  const lightAt = shadowTest(picture, ground, ground.grain);
  const queue: number[] = [];
  let depthSum = 0;
  const visit = (to: number): void => {
    if (regions[to] !== region.object) return;
    const light = lightAt(to);
    if (light === undefined) return;
    regions[to] = region.soft;
    depthSum += Math.abs(1 - light);
    queue.push(to);
  };
  for (let y = 1; y < height - 1; y++) visitBesideGround(regions, width, y, visit);
  for (let head = 0; head < queue.length; head++) {
    const at = queue[head]!;
    const column = at % width;
    if (column > 0) visit(at - 1);
    if (column < width - 1) visit(at + 1);
    visit(at - width);
    visit(at + width);
  }
  const broad = withoutRim(regions, width, height, queue);
  return { share: broad / (width * height), depth: queue.length === 0 ? 0 : depthSum / queue.length };
}

/** Visits the pixels of a row that stand out next to the ground. */
function visitBesideGround(regions: Uint8Array, width: number, y: number, visit: (at: number) => void): void {
  for (let at = y * width; at < (y + 1) * width; at++) {
    if (regions[at] !== region.object) continue;
    if (
      isGround(regions[at - 1]!) ||
      isGround(regions[at + 1]!) ||
      isGround(regions[at - width]!) ||
      isGround(regions[at + width]!)
    )
      visit(at);
  }
}

function isGround(value: number): boolean {
  return value === region.ground || value === region.opening;
}

/** Soft pixels whose neighbours at three pixels' distance are soft or ground too: the smooth tail of an edge is not one. */
function withoutRim(regions: Uint8Array, width: number, height: number, soft: readonly number[]): number {
  const reach = 3;
  const isSoft = (at: number): boolean => regions[at] === region.soft;
  let count = 0;
  for (const at of soft) {
    const x = at % width;
    const y = Math.floor(at / width);
    if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
    if (isSoft(at - reach) && isSoft(at + reach) && isSoft(at - reach * width) && isSoft(at + reach * width))
      count += 1;
  }
  return count;
}
