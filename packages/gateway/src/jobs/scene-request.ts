import { randomBytes } from 'node:crypto';
import { sha256Hex } from '@holodeck/core/backend';
import { ImageError } from '@holodeck/core';
import { assertSceneObjects, objectIdFromName } from '@holodeck/hybrid';
import type { SceneObject } from '@holodeck/hybrid';
import { say } from './gateway-messages.ts';

/** An object as callers may write it: a name is enough. */
export type ObjectInput =
  | string
  | { readonly id?: string | undefined; readonly name: string; readonly description?: string | undefined };

/**
 * Objects with ids: those that are given, else made from the names.
 *
 * @throws ImageError of kind `invalid-request` for what is not an object of a scene.
 */
export function objectsOf(objects: readonly ObjectInput[]): readonly SceneObject[] {
  const named = objects.map((object) => (typeof object === 'string' ? { name: object } : object));
  const taken = named.flatMap(({ id }) => id ?? []);
  const made = named.map(({ id, name, description }) => {
    const own = id ?? objectIdFromName(name, taken);
    if (id === undefined) taken.push(own);
    return { id: own, name, ...(description === undefined ? {} : { description }) };
  });
  assertSceneObjects(made);
  return made;
}

/**
 * Checks the name of an asset that is to be made again. Another word is not taken for the scene reference, which would be paid for.
 *
 * @throws ImageError of kind `invalid-request`.
 */
export function assertRepeatable(asset: string): void {
  if (/^(?:scene-reference|card\/[^/]+(?:\/[^/]+)?)$/.test(asset)) return;
  const said = say('not-repeatable', { asset: JSON.stringify(asset) });
  throw new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', ...said });
}

/** A readable id for a scene. With a key it is always the same one, so that a repeated call finds its scene. */
export function sceneIdOf(text: string, idempotencyKey?: string): string {
  const words = objectIdFromName(Array.from(text).slice(0, 16).join(''));
  const suffix = idempotencyKey === undefined ? randomBytes(4).toString('hex') : sha256Hex(idempotencyKey).slice(0, 8);
  return `${words}-${suffix}`;
}
