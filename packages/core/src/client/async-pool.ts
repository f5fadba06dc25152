/**
 * Runs `work` for each item, at most `width` at once, and yields results as they finish. Draws an item only when there is room, so
 * memory stays bounded. Ending the iteration early stops drawing and waits for what runs.
 */
export async function* asyncPool<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: () => number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const finished: Result[] = [];
  const failures: unknown[] = [];
  let running = 0;
  let exhausted = false;
  let left = false;
  // One promise for all: a race of thousands would add to each of them with every result.
  let change = Promise.withResolvers<void>();
  // The same two functions for all items, because thousands may wait.
  const onEnd = (): void => {
    running -= 1;
    change.resolve();
  };
  const onResult = (result: Result): void => {
    finished.push(result);
    onEnd();
  };
  const onFailure = (error: unknown): void => {
    failures.push(error);
    onEnd();
  };
  const start = (item: Item): void => {
    running += 1;
    work(item).then(onResult, onFailure);
  };
  // One pending draw at a time, and finished results do not wait for it: an asynchronous source may be slow.
  let draw: Promise<void> | undefined;
  const drawNext = (): Promise<void> =>
    Promise.resolve(iterator.next())
      .then(
        (next) => {
          draw = undefined;
          if (next.done === true) exhausted = true;
          // The caller has left: do not start it.
          else if (!left) start(next.value);
        },
        (error: unknown) => {
          draw = undefined;
          exhausted = true;
          failures.push(error);
        },
      )
      .finally(() => change.resolve());
  try {
    for (;;) {
      change = Promise.withResolvers<void>();
      if (!exhausted && draw === undefined && running < width()) draw = drawNext();
      while (finished.length > 0) yield finished.shift() as Result;
      if (failures.length > 0) throw failures[0];
      if (exhausted && running === 0 && draw === undefined) {
        if (finished.length > 0) continue;
        return;
      }
      if (draw === undefined && !exhausted && running < width()) continue;
      await change.promise;
    }
  } finally {
    left = true;
    for (;;) {
      if (running === 0) break;
      change = Promise.withResolvers<void>();
      await change.promise;
    }
    if (!exhausted) await iterator.return?.();
  }
}
