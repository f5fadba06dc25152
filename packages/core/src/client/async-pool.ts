/**
 * Runs `work` for each item, at most `width` at once, and yields results as they finish. Items are drawn only when there
 * is room, so that memory stays bounded however many there are. Ending the iteration early stops drawing; what runs is
 * awaited.
 */
export async function* asyncPool<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: () => number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const running = new Set<Promise<void>>();
  const finished: Result[] = [];
  const failures: unknown[] = [];
  let exhausted = false;
  let left = false;
  const start = (item: Item): void => {
    const promise: Promise<void> = work(item)
      .then(
        (result) => void finished.push(result),
        (error: unknown) => void failures.push(error),
      )
      .finally(() => running.delete(promise));
    running.add(promise);
  };
  // One pending draw at a time: an asynchronous source may be slow, and finished results must not wait for it.
  let draw: Promise<void> | undefined;
  const drawNext = (): Promise<void> =>
    Promise.resolve(iterator.next()).then(
      (next) => {
        draw = undefined;
        if (next.done === true) exhausted = true;
        // What comes when nobody waits for results any more is not begun.
        else if (!left) start(next.value);
      },
      (error: unknown) => {
        draw = undefined;
        exhausted = true;
        failures.push(error);
      },
    );
  try {
    for (;;) {
      if (!exhausted && draw === undefined && running.size < width()) draw = drawNext();
      while (finished.length > 0) yield finished.shift() as Result;
      if (failures.length > 0) throw failures[0];
      if (exhausted && running.size === 0 && draw === undefined) {
        if (finished.length > 0) continue;
        return;
      }
      if (draw === undefined && !exhausted && running.size < width()) continue;
      await Promise.race(draw === undefined ? running : [...running, draw]);
    }
  } finally {
    left = true;
    await Promise.allSettled(running);
    if (!exhausted) await iterator.return?.();
  }
}
