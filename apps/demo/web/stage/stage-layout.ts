/** The ground that an object covers, and its height. Units are those of the stage. */
export interface Footprint {
  readonly width: number;
  readonly depth: number;
  readonly height: number;
}

/** The middle of an object on the ground; z grows towards the viewer. */
export interface Place {
  readonly x: number;
  readonly z: number;
}

const gap = 0.22;
const rowGap = 0.4;
/** Rows for at most so many objects. */
const rowsFor: readonly (readonly [objects: number, rows: number])[] = [
  [3, 1],
  [7, 2],
  [14, 3],
];
const mostRows = 4;

/** Places objects in rows, the tall ones behind and in the middle; no two overlap. In the order given. */
export function layOut(objects: readonly Footprint[]): readonly Place[] {
  const rowCount = rowsFor.find(([most]) => objects.length <= most)?.[1] ?? mostRows;
  const perRow = Math.ceil(objects.length / rowCount);
  const tallFirst = [...objects.entries()].sort(([, a], [, b]) => b.height - a.height);
  const places: Place[] = [];
  let z = 0;
  for (let start = 0; start < tallFirst.length; start += perRow) {
    const row = middleOut(tallFirst.slice(start, start + perRow));
    const depth = Math.max(...row.map(([, object]) => object.depth));
    const width = row.reduce((sum, [, object]) => sum + object.width + gap, -gap);
    let x = -width / 2;
    for (const [index, object] of row) {
      places[index] = { x: x + object.width / 2, z: z + depth / 2 };
      x += object.width + gap;
    }
    z += depth + rowGap;
  }
  // The whole stands around the middle of the stage.
  const middle = Math.max(z - rowGap, 0) / 2;
  return places.map(({ x, z: back }) => ({ x, z: back - middle }));
}

/** The first in the middle, the next ones to its sides. */
function middleOut<Item>(items: readonly Item[]): readonly Item[] {
  const row: Item[] = [];
  for (const [index, item] of items.entries()) {
    if (index % 2 === 0) row.push(item);
    else row.unshift(item);
  }
  return row;
}

/** An object's height on the stage, of its usual height in metres: small things would be lost beside large ones at true scale. */
export function stageHeight(heightMeters: number | undefined): number {
  return Math.min(2.4, Math.max(0.5, 1.15 * (heightMeters ?? 0.8) ** 0.4));
}
