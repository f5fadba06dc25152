import { imglyBackgroundRemover } from '@holodeck/cards';
import type { PrepareCardOptions } from '@holodeck/cards';
import type { Environment } from '@holodeck/core/backend';

import { removerVariable } from './general-variables.ts';
import { unknownRemover } from './registry-errors.ts';

/**
 * The options of cards with the background remover that `HOLODECK_BACKGROUND_REMOVER` names; one in the options wins.
 *
 * @throws ImageError of kind `invalid-request` for an unknown name, or one whose package is not installed.
 */
export function cardsWithRemover(
  cards: PrepareCardOptions | false = {},
  environment: Environment = process.env,
): PrepareCardOptions | false {
  const name = environment[removerVariable]?.trim() ?? '';
  if (cards === false || cards.remover !== undefined || name === '') return cards;
  if (name !== 'imgly') throw unknownRemover(name);
  return { ...cards, remover: imglyBackgroundRemover() };
}
