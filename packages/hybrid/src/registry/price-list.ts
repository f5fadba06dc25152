import type { PriceList } from '@holodeck/core';
import type { BackendDefinition } from '@holodeck/core/backend';

/** The prices of some backends and the caller's own, which win: under the same name, and under a backend's for all its models. */
export function priceListOf(
  backends: readonly Pick<BackendDefinition, 'name' | 'prices'>[],
  own: PriceList = {},
): PriceList {
  const theirs = backends.filter(({ name }) => !Object.hasOwn(own, name)).map(({ prices }) => prices);
  return Object.assign({}, ...theirs, own) as PriceList;
}
