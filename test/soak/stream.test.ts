import { expect, it } from 'vitest';
import { measureStream } from './support/stream-measure.ts';

// The long streams are measured by main.ts; see docs/reliability.md.
it.each(['memory', 'sqlite'] as const)('a stream of tasks leaves nothing behind in memory (%s)', async (store) => {
  const short = await measureStream(store, 1000);
  const long = await measureStream(store, 3000);
  expect(long.tasks).toBe(3000);
  // One more kilobyte for each of the 2000 extra tasks would be 2 MB.
  expect(long.heapBytes - short.heapBytes).toBeLessThan(1_000_000);
});
