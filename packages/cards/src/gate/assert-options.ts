import type { CardGateOptions } from './card-gate-options.ts';
import { defaultCardGateOptions } from './card-gate-options.ts';
import { say } from '../card-messages.ts';
import { invalidRequest } from '../invalid-request.ts';
import { defaultShare, defaultSide } from '../normalise-card.ts';
import type { PrepareCardOptions } from '../prepare-card.ts';

/** Throws an `ImageError` of kind `invalid-request` for invalid options. */
export function assertCardOptions({
  side = defaultSide,
  share = defaultShare,
  gate,
  remover,
}: PrepareCardOptions): void {
  assertGateOptions(gate);
  if (remover !== undefined && (typeof remover?.name !== 'string' || typeof remover.removeBackground !== 'function'))
    throw invalidRequest(say('remover-option'));
  if (!Number.isInteger(side) || side < 64 || side > 4096)
    throw invalidRequest(say('side-option', { value: String(side) }));
  if (typeof share !== 'number' || !(share > 0.1 && share < 1))
    throw invalidRequest(say('share-option', { value: String(share) }));
}

function assertGateOptions(options: CardGateOptions = {}): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(defaultCardGateOptions, name))
      throw invalidRequest(
        say('no-option', { name: JSON.stringify(name), known: Object.keys(defaultCardGateOptions).join(', ') }),
      );
    if (value === undefined) continue;
    if (name === 'shadow') {
      if (value !== 'fail' && value !== 'warn' && value !== 'ignore')
        throw invalidRequest(say('shadow-option', { value: JSON.stringify(value) }));
    } else if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
      throw invalidRequest(say('number-option', { name, value: JSON.stringify(value) }));
  }
}
