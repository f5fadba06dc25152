/** A thread of `card-workers.ts`. It makes one card after the other, and knows nothing of `@holodeck/core`: that loads fast. */
import { parentPort } from 'node:worker_threads';

import { makeCard } from './make-card.ts';
import type { CardAnswer, CardJob } from './worker-pool.ts';

parentPort?.on('message', ({ bytes, options }: CardJob) => {
  const answer = (message: CardAnswer): void => parentPort?.postMessage(message, []);
  makeCard(bytes, options).then(
    // What has not changed need not travel back.
    ({ bytes: card, ...found }) => answer({ found, ...(found.changed ? { card } : {}) }),
    (error: unknown) => answer({ fault: String(error) }),
  );
});
