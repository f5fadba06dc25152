import { readFile } from 'node:fs/promises';

import { readHolodeckObjects } from '@holodeck/hybrid';
import type { SceneObject } from '@holodeck/hybrid';

/** What the layout needs to know about an object, in metres. */
export interface ObjectSpace {
  /** Left to right, as seen from the front. */
  readonly width: number;
  readonly height: number;
  /** Height of the lowest point above the floor. */
  readonly elevation: number;
  /** Its place in the row, from left to right; only the order counts. */
  readonly order: number;
}

/** A scene analyser's result. */
export interface AnalysedScene {
  readonly style: string | undefined;
  readonly objects: readonly SceneObject[];
  /** By object id. */
  readonly spaces: ReadonlyMap<string, ObjectSpace>;
}

interface ObjectWithSpace {
  readonly object_id: string;
  readonly size_m?: readonly number[];
  readonly initial_pose?: { readonly pos?: readonly number[] };
}

/**
 * Reads `objects.json` of a Holodeck scene analyser: x is right, y backward, z up. `@holodeck/hybrid` reads what an image
 * needs; this stage reads sizes and places.
 *
 * @throws ImageError that says what is missing in the file.
 */
export async function readAnalysedScene(path: string): Promise<AnalysedScene> {
  const { style, objects } = await readHolodeckObjects(path);
  const { objects: entries } = JSON.parse(await readFile(path, 'utf8')) as { readonly objects: ObjectWithSpace[] };
  return { style, objects, spaces: new Map(entries.map((entry) => [entry.object_id, spaceOf(entry)])) };
}

/** Objects of unknown size are assumed to be a metre wide and high. */
function spaceOf({ size_m: size = [], initial_pose: pose = {} }: ObjectWithSpace): ObjectSpace {
  const [width = 1, , height = 1] = size;
  const [order = 0, , elevation = 0] = pose.pos ?? [];
  return { width, height, elevation, order };
}
