import type { ObjectSpace } from './scene-objects.ts';

/** A card to place. */
export interface CardShape {
  readonly objectId: string;
  /** Width over height of the object as pictured. */
  readonly aspect: number;
  readonly space: ObjectSpace;
}

/** Where an upright card stands; metres, x right, y up, z towards the viewer, who stands at the origin. */
export interface PlacedCard {
  readonly objectId: string;
  readonly width: number;
  readonly height: number;
  /** Middle of the lower edge. */
  readonly position: readonly [number, number, number];
  /** Turn about the vertical, in radians: the card faces the viewer. */
  readonly yaw: number;
}

/** The row of cards, and the space it takes. */
export interface Arrangement {
  readonly cards: readonly PlacedCard[];
  /** Distance of the cards from the viewer. */
  readonly radius: number;
  /** Width of the row as the viewer sees it, in radians. */
  readonly span: number;
}

/** Free space between two cards. */
const gap = 0.25;
/** The row fills at most this much of the view; a longer one stands further away. */
const widestSpan = 1.2;
const nearestRadius = 2.5;

/**
 * Places cards side by side on an arc around the viewer, from left to right in the order of their spaces. The longer side
 * of the picture gets the longer of the object's width and height, so a picture taken from slightly above is not squeezed.
 */
export function placeCards(shapes: readonly CardShape[]): Arrangement {
  const sized = [...shapes]
    .sort((a, b) => a.space.order - b.space.order)
    .map((shape) => {
      const longest = Math.max(shape.space.width, shape.space.height);
      const width = shape.aspect >= 1 ? longest : longest * shape.aspect;
      return { ...shape, width, height: width / shape.aspect };
    });
  // On the arc's chord a flat card takes slightly more than its width; the gap covers that.
  const length = sized.reduce((sum, { width }) => sum + width + gap, 0);
  const radius = Math.max(nearestRadius, length / widestSpan);
  const span = length / radius;
  let passed = -length / 2;
  const cards = sized.map(({ objectId, width, height, space }): PlacedCard => {
    const angle = (passed + (width + gap) / 2) / radius;
    passed += width + gap;
    const position = [radius * Math.sin(angle), space.elevation, -radius * Math.cos(angle)] as const;
    return { objectId, width, height, position, yaw: -angle };
  });
  return { cards, radius, span };
}
