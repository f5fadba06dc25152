/** A scene: sky, sun, ranges of hills, and houses with lit windows. */
import type { Canvas, Drawing } from './row-canvas.ts';
import { hsl, mix } from './row-canvas.ts';

interface House {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly pitch: number;
}

export function drawScene({ width, height, transparent, random, hue }: Canvas): Drawing {
  const skyTop = hsl(hue, 0.45, 0.28);
  const skyLow = hsl((hue + 0.08) % 1, 0.55, 0.78);
  const sun = { x: width * (0.2 + random() * 0.6), y: height * (0.18 + random() * 0.14), radius: height * 0.08 };
  const sunColor = hsl((hue + 0.12) % 1, 0.8, 0.88);
  const ranges = [0.46, 0.58, 0.7].map((level, index) => ({
    crest: level * height,
    swing: height * (0.03 + random() * 0.05),
    waves: 1 + random() * 3,
    phase: random() * Math.PI * 2,
    color: hsl((hue + 0.05 * index) % 1, 0.35, 0.5 - index * 0.12),
  }));
  const floor = hsl((hue + 0.1) % 1, 0.3, 0.16);
  const wall = hsl((hue + 0.5) % 1, 0.25, 0.22);
  const lit = hsl(0.12, 0.85, 0.7);
  const houses = Array.from({ length: 5 }, (_, index): House => {
    const left = width * (0.04 + index * 0.19 + random() * 0.04);
    return {
      left,
      right: left + width * (0.1 + random() * 0.05),
      top: height * (0.5 + random() * 0.2),
      pitch: height * (0.035 + random() * 0.02),
    };
  });
  const floorLevel = height * 0.84;
  const steps = 64;
  const crests = ranges.map(({ crest, swing, waves, phase }) =>
    Array.from({ length: steps }, (_, step) => crest + swing * Math.sin(phase + (step / steps) * waves * Math.PI * 2)),
  );
  return {
    drawRow(y, rows) {
      if (transparent) rows.clear();
      else rows.fillAll(mix(skyTop, skyLow, Math.min(1, y / (height * 0.7))));
      const away = Math.abs(y - sun.y);
      if (away < sun.radius) {
        const half = Math.sqrt(sun.radius ** 2 - away ** 2);
        rows.fill(sun.x - half, sun.x + half, sunColor);
      }
      for (const [index, range] of ranges.entries()) {
        if (y < range.crest - range.swing) continue;
        const heights = crests[index] ?? [];
        for (let step = 0; step < steps; step += 1) {
          const from = step;
          while (step < steps && y >= (heights[step] ?? Infinity)) step += 1;
          // One span for steps side by side: most of the time of a picture went into spans.
          rows.fill((width * from) / steps, (width * step) / steps, range.color);
        }
      }
      for (const { left, right, top, pitch } of houses) {
        if (y < top || y >= floorLevel) continue;
        rows.fill(left, right, wall);
        if ((y - top) % pitch < pitch * 0.45 || y > floorLevel - pitch) continue;
        const pane = (right - left) / 7;
        for (const n of [1, 3, 5]) rows.fill(left + n * pane, left + (n + 1) * pane, lit);
      }
      if (y >= floorLevel) rows.fillAll(floor);
    },
    label: {
      x: width * 0.04,
      y: height * 0.87,
      width: width * 0.92,
      height: height * 0.07,
      color: [245, 245, 240],
    },
  };
}
