import { setImmediate as nextTurn } from 'node:timers/promises';

/** Yields the items of a source; calls `whenIdle` while the next item is not ready, so that earlier ones need not wait. */
export async function* promptly<Item>(
  source: Iterable<Item> | AsyncIterable<Item>,
  whenIdle: () => Promise<void>,
): AsyncGenerator<Item, void, undefined> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  try {
    for (;;) {
      const next = Promise.resolve(iterator.next());
      // It is awaited below; a rejection before that must not count as unhandled.
      next.catch(() => undefined);
      const first = await Promise.race([next, nextTurn('idle' as const)]);
      if (first === 'idle') await whenIdle();
      const { done, value } = await next;
      if (done === true) return;
      yield value as Item;
    }
  } finally {
    await iterator.return?.();
  }
}
