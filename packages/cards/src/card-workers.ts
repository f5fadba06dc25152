import { assertCardOptions } from './gate/assert-options.ts';
import type { makeCard } from './make-card.ts';
import type { PrepareCardOptions, PreparedCard } from './prepare-card.ts';
import { makeCardWithRemover } from './remover/remove-background.ts';
import { WorkerPool } from './worker-pool.ts';

/** Prepares cards in other threads, so that the caller's event loop stays free. */
export interface CardWorkers {
  /**
   * What `prepareCard` does. Rejects as it does, and with an `Error` when the thread ends before its answer or `close()` comes
   * first: that card has no verdict then, and may be asked for again.
   */
  prepareCard(bytes: Uint8Array, options?: PrepareCardOptions): Promise<PreparedCard>;
  /** Gives the threads up. They end when nobody else has opened them. */
  close(): Promise<void>;
}

/** Owner: this module. Lifetime: from the first `openCardWorkers` to the last `close`; threads start with the first card. */
let shared: { readonly pool: WorkerPool; users: number } | undefined;

/**
 * Opens the process's threads for cards, which all who open them share: at most four, one less than there are cores. The
 * first card starts one.
 */
export function openCardWorkers(): CardWorkers {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const own = (shared ??= { pool: new WorkerPool(new URL(`./card-worker.${extension}`, import.meta.url)), users: 0 });
  own.users += 1;
  let isOpen = true;
  return {
    prepareCard: async (bytes, options = {}) => {
      assertCardOptions(options);
      if (!isOpen) throw new Error('These threads for cards are closed.');
      const make: typeof makeCard = (picture, settings) => own.pool.run({ bytes: picture, options: settings });
      return makeCardWithRemover(make, bytes, options);
    },
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      own.users -= 1;
      if (own.users > 0) return;
      if (shared === own) shared = undefined;
      await own.pool.close();
    },
  };
}
