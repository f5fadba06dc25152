import { setTimeout as delay } from 'node:timers/promises';

/** Below the bound of a test, so that what it waited for is told. */
export const longestWaitMs = 540_000;

/** Resolves when it is so: for a state that tells nobody when it changes. Rejects only when it would hang. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + longestWaitMs;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`It never came to this: ${isSo.toString()}`);
    await delay(20);
  }
}
