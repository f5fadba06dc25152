import { ImageError } from '@holodeck/core';
import type { ImageBackend } from '@holodeck/core';
import { errorSource, invalidRequest } from '../internal/errors.ts';
import { say } from './asset-messages.ts';

/**
 * A side of an object, by the names that services for 3D models use. `left` is what a camera sees that stands to the left of the
 * one that sees the front: the front of the object points to the right edge of that picture.
 */
export type CardView = 'front' | 'left' | 'back' | 'right';

/** All views, in the order in which they are made and listed. */
export const cardViews: readonly CardView[] = ['front', 'left', 'back', 'right'];

/** The view whose outline is the mirror image of another one's, if both are drawn from the same distance. */
export const oppositeOf: Readonly<Record<CardView, CardView>> = {
  front: 'back',
  left: 'right',
  back: 'front',
  right: 'left',
};

/** Pictures that a view follows: the front card, and the scene reference. */
const referencesOfView = 2;

/**
 * The views in their order. Default: the front alone.
 *
 * @throws ImageError of kind `invalid-request` for an unknown view, or a list without the front.
 */
export function viewsOf(value: readonly CardView[] = ['front']): readonly CardView[] {
  const known = cardViews.join(', ');
  if (!Array.isArray(value)) throw invalidRequest(say('views-list', { known }));
  const unknown = value.find((view) => !cardViews.includes(view));
  if (unknown !== undefined) throw invalidRequest(say('view-unknown', { view: JSON.stringify(unknown), known }));
  if (!value.includes('front')) throw invalidRequest(say('views-front'));
  return cardViews.filter((view) => value.includes(view));
}

/**
 * Refuses a backend that cannot make views, before anything is paid: pictures of an object that do not follow its front card would
 * show another object.
 *
 * @throws ImageError of kind `unsupported`.
 */
export function assertTakesViews(backend: Pick<ImageBackend, 'name' | 'model' | 'capabilities'>): void {
  const { name, model, capabilities } = backend;
  const { roles = [], maxCount = 0 } = capabilities.references ?? {};
  if (roles.includes('style') && maxCount >= referencesOfView) return;
  throw new ImageError({
    kind: 'unsupported',
    outcome: 'not-submitted',
    ...say('no-views', {
      backend: name,
      model,
      needed: referencesOfView,
      most: roles.includes('style') ? maxCount : 0,
    }),
    backend: errorSource,
  });
}
