import { findObjects } from '@holodeck/emulators';
import type { NamedObject } from '../shared/demo-api.ts';

/** The things that the emulators' table of scene objects finds in a text, in order. It knows some hundred words of each language. */
export function namedObjects(text: string): readonly NamedObject[] {
  return findObjects(text).map(({ word, picture, heightMeters, end }) => ({ word, picture, heightMeters, end }));
}
