import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@holodeck/core/backend';

/** A clock whose sleeps end at once and advance it, for the long waits of the service's rules. */
export function impatientClock(): Clock {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    monotonic: () => performance.now() + aheadMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      aheadMs += ms;
      await nextTurn();
      signal?.throwIfAborted();
    },
  };
}
