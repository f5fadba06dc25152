import { maxTextBytes, readRegularFile } from '@holodeck/core/backend';
import { invalidRequest, toImageError } from '../internal/errors.ts';
import { say } from '../request-messages.ts';
import type { SceneObject } from '../requests.ts';

/** What the original project's scene analyser found. */
export interface HolodeckObjects {
  /** `scene_style`, if there is one. */
  readonly style?: string;
  readonly objects: readonly SceneObject[];
}

/**
 * Reads the original project's `objects.json`: `{ scene_style, objects: [{ object_id, name, visual_desc, ... }] }`. Ignores
 * sizes and poses, which later stages use.
 *
 * @throws ImageError of kind `invalid-request` that names what is missing, of kind `storage` when it cannot be read.
 * @see https://github.com/LimbusSpace/holodeck-gemini
 */
export async function readHolodeckObjects(path: string): Promise<HolodeckObjects> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(await readRegularFile(path, maxTextBytes)));
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidRequest(say('not-json', { path, reason: error.message }), error);
    throw toImageError(error);
  }
  const { scene_style: style, objects } = (value ?? {}) as {
    readonly scene_style?: unknown;
    readonly objects?: unknown;
  };
  if (!Array.isArray(objects)) throw invalidRequest(say('no-objects', { path }));
  return {
    ...(typeof style === 'string' && style.trim() !== '' ? { style } : {}),
    objects: objects.map((object, index) => objectOf(object, { path, place: `objects[${index}]` })),
  };
}

function objectOf(value: unknown, at: { readonly path: string; readonly place: string }): SceneObject {
  if (typeof value !== 'object' || value === null) throw invalidRequest(say('objects-entry', at));
  const { object_id: id, name, visual_desc: description } = value as Record<string, unknown>;
  if (typeof id !== 'string') throw invalidRequest(say('objects-text', { ...at, name: 'object_id' }));
  if (typeof name !== 'string') throw invalidRequest(say('objects-text', { ...at, name: 'name' }));
  return { id, name, description: typeof description === 'string' ? description : '' };
}
