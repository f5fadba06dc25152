/** A label that should stand centred above a point. Pixels from the upper left corner of the stage. */
export interface WantedLabel {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The upper left corner of a label. */
export interface LabelPlace {
  readonly left: number;
  readonly top: number;
}

const gap = 4;
/** How far above its point a label may stand, and how far apart the places are that are tried. Pixels. */
const highest = 150;
const step = 6;

/**
 * Places labels so that none covers another or leaves the stage: each at its point, else above it. Undefined where there is no room.
 * Earlier labels come first.
 */
export function placeLabels(
  labels: readonly WantedLabel[],
  stage: { readonly width: number; readonly height: number },
): readonly (LabelPlace | undefined)[] {
  const taken: (LabelPlace & WantedLabel)[] = [];
  return labels.map((label) => {
    const { x, y, width, height } = label;
    if (x < 0 || y < 0 || x > stage.width || y > stage.height) return undefined;
    const left = Math.min(Math.max(x - width / 2, gap), stage.width - width - gap);
    for (let top = y - height; top >= gap && top >= y - height - highest; top -= step) {
      const place = { left, top };
      const isFree = taken.every(
        (other) =>
          place.left + width + gap <= other.left ||
          other.left + other.width + gap <= place.left ||
          place.top + height + gap <= other.top ||
          other.top + other.height + gap <= place.top,
      );
      if (!isFree) continue;
      taken.push({ ...label, ...place });
      return place;
    }
    return undefined;
  });
}
