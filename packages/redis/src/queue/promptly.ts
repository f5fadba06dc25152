import { setImmediate as nextTurn } from 'node:timers/promises';

/** The items of a source; `whenIdle` is called when the next one is not there yet, so that what was drawn need not wait. */
export async function* promptly<Item>(
  source: Iterable<Item> | AsyncIterable<Item>,
  whenIdle: () => Promise<void>,
): AsyncGenerator<Item, void, undefined> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  try {
    for (;;) {
      const next = Promise.resolve(iterator.next());
      // It is awaited below; until then it must not count as unhandled.
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
