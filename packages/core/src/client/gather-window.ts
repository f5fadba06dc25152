import type { ImageBackend } from '../contract/index.ts';
import type { GenerateOptions } from './image-client-options.ts';

/** Runs a task under its own options. */
type Work<Item, Result> = (item: Item, options: GenerateOptions) => Promise<Result>;

/**
 * Draws tasks for a backend that gathers submissions, only so many ahead of those that it has taken: a task holds the most memory
 * on its way there.
 */
export class GatherWindow {
  readonly #most: number;
  #open = 0;
  #change = Promise.withResolvers<void>();

  /** @param most How many tasks may be on their way. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The items, each once there is room for it. Then call `run` with it. */
  async *pace<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
    for await (const item of items) {
      while (this.#open >= this.#most) await this.#change.promise;
      this.#open += 1;
      yield item;
    }
  }

  /** Runs a task. Its room is free once the backend has taken it, or it is over. */
  run<Item, Result>(item: Item, options: GenerateOptions, work: Work<Item, Result>): Promise<Result> {
    let isOpen = true;
    const leave = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#open -= 1;
      this.#change.resolve();
      this.#change = Promise.withResolvers<void>();
    };
    const onProgress: GenerateOptions['onProgress'] = (event) => {
      if (event.type === 'state' && event.state === 'accepted') leave();
      options.onProgress?.(event);
    };
    return work(item, { ...options, onProgress }).finally(leave);
  }

  /** Runs all tasks; the results are in their order. */
  async all<Item, Result>(
    items: Iterable<Item>,
    options: GenerateOptions,
    work: Work<Item, Result>,
  ): Promise<Result[]> {
    const results: Promise<Result>[] = [];
    for await (const item of this.pace(items)) results.push(this.run(item, options, work));
    return Promise.all(results);
  }
}

/** The window of a backend; undefined if it sends each submission by itself. */
export function gatherWindow({ lanes }: Pick<ImageBackend, 'lanes'>): GatherWindow | undefined {
  const most = Math.max(0, ...lanes.map(({ gathers = 0, collectOnly }) => (collectOnly === true ? 0 : gathers)));
  return most === 0 ? undefined : new GatherWindow(most);
}
