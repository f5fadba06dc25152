import { expect, it } from 'vitest';
import { measureStream } from './support/stream-measure.ts';

// The long streams are measured by main.ts; see docs/reliability.md.
it.each(['memory', 'sqlite'] as const)('a stream of tasks leaves nothing behind in memory (%s)', async (store) => {
  const short = await measureStream(store, 400);
  const long = await measureStream(store, 2400);
  expect(long.tasks).toBe(2400);
  // A kilobyte for each of the 2000 tasks more would be 2 MB.
  expect(long.heapBytes - short.heapBytes).toBeLessThan(1_500_000);
});
