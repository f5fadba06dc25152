import type { MaxCost } from '@holodeck/core';

/** Who calls, and what they may do. */
export interface Caller {
  /** Name of the key; `""` where no keys are used. Sessions and jobs belong to it. */
  readonly key: string;
  /** The most that its submissions may cost, over all time. Default: no limit. */
  readonly maxCost?: MaxCost;
  /** Backends that its limit does not count, such as emulators. Default: none. */
  readonly free?: readonly string[];
  /** Names its sums in the store. Default: the key. */
  readonly budget?: string;
  /** Its jobs at once in one gateway. Default: no limit of its own. */
  readonly maxConcurrent?: number;
  /** Backends that it may use. Default: all. */
  readonly backends?: readonly string[];
  /** Signs its webhooks and its image addresses. */
  readonly secret?: string;
}

/** The session under which a caller's own id is stored: keys share a store without sharing names. */
export function storedSessionId({ key }: Pick<Caller, 'key'>, id: string): string {
  return key === '' ? id : `${key}.${id}`;
}

/** A caller's own id of a stored session; undefined if it belongs to somebody else. */
export function ownSessionId({ key }: Pick<Caller, 'key'>, stored: string): string | undefined {
  if (key === '') return stored;
  return stored.startsWith(`${key}.`) ? stored.slice(key.length + 1) : undefined;
}
