import type { PriceList } from '@holodeck/core';
import type { BackendDefinition } from '@holodeck/core/backend';

/** The prices of backends, overridden by the caller's: of the same model, or of a backend for all its models. */
export function priceListOf(
  backends: readonly Pick<BackendDefinition, 'name' | 'prices'>[],
  own: PriceList = {},
): PriceList {
  const theirs = backends.filter(({ name }) => !Object.hasOwn(own, name)).map(({ prices }) => prices);
  return Object.assign({}, ...theirs, own) as PriceList;
}
