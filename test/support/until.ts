import { setTimeout as delay } from 'node:timers/promises';

/** Below the timeout of a test, so that the error names the awaited state. */
export const longestWaitMs = 540_000;

/** Resolves when the condition holds, for states without a change event. Rejects only if it would hang. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + longestWaitMs;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`It never came to this: ${isSo.toString()}`);
    await delay(20);
  }
}
