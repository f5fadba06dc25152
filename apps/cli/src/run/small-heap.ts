import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 collect garbage where it would take more memory: while thousands of tasks wait for a batch, it otherwise keeps more than
 * they hold. Costs processor time, which a command that waits for hours has.
 */
export function keepHeapSmall(): void {
  for (const flag of ['--optimize-for-size', '--semi-space-growth-factor=1', '--heap-growing-percent=30'])
    setFlagsFromString(flag);
}
