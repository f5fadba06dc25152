/** An object card: one turned vessel, whole and centred, 72 % of the frame, on a plain light ground. */
import type { Canvas, Color, Drawing } from './row-canvas.ts';
import { hsl } from './row-canvas.ts';

const share = 0.72;
const ground: Color = [238, 238, 236];

export function drawCard({ width, height, transparent, random, hue }: Canvas): Drawing {
  const size = Math.round(Math.min(width, height) * share);
  const top = Math.round((height - size) / 2);
  const middle = width / 2;
  const outline = turnedOutline(random);
  const saturation = 0.3 + random() * 0.3;
  const bands = [0.34, 0.46, 0.54, 0.42, 0.3, 0.22].map((lightness) => hsl(hue, saturation, lightness));
  const trim = hsl((hue + 0.45) % 1, saturation, 0.36);
  const rings = [0.1 + random() * 0.12, 0.74 + random() * 0.12];
  return {
    drawRow(y, rows) {
      if (transparent) rows.clear();
      else rows.fillAll(ground);
      const down = (y - top) / size;
      if (down < 0 || down >= 1) return;
      const half = (outline(down) * size) / 2;
      if (rings.some((ring) => down >= ring && down < ring + 0.035)) {
        rows.fill(middle - half, middle + half, trim);
        return;
      }
      for (const [index, color] of bands.entries())
        rows.fill(
          middle - half + (2 * half * index) / bands.length,
          middle - half + (2 * half * (index + 1)) / bands.length,
          color,
        );
    },
    label: {
      x: middle - size * 0.3,
      y: top + size * 0.4,
      width: size * 0.6,
      height: size * 0.2,
      color: [250, 250, 248],
    },
  };
}

/** Width (as a share of the object's height, 0.3 to 1) at each height of a turned object; wide where the label is. */
function turnedOutline(random: () => number): (down: number) => number {
  const knots = [
    0.35 + random() * 0.4,
    0.4 + random() * 0.5,
    0.72 + random() * 0.28,
    0.72 + random() * 0.28,
    0.45 + random() * 0.5,
    0.45 + random() * 0.4,
  ];
  return (down) => {
    const at = down * (knots.length - 1);
    const index = Math.min(knots.length - 2, Math.floor(at));
    const part = (1 - Math.cos((at - index) * Math.PI)) / 2;
    const from = knots[index] ?? 0.5;
    return from + ((knots[index + 1] ?? from) - from) * part;
  };
}
