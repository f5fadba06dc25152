import type { HunyuanEmulator } from '@holodeck/emulators';
import { expect } from 'vitest';
import { startBatchProcess } from './start-batch-process.ts';
import type { BatchProcessOptions } from './start-batch-process.ts';

/** Makes so many images for each name in its own process, all at once. No image fails, and each is paid for once. */
export async function runProcesses(
  emulator: HunyuanEmulator,
  names: readonly string[],
  settings: Pick<BatchProcessOptions, 'tasks' | 'maxConcurrent' | 'stateDirectory'>,
): Promise<void> {
  const { url: endpoint, credentials } = emulator;
  const processes = await Promise.all(
    names.map((name) => startBatchProcess({ ...settings, endpoint, ...credentials, name })),
  );
  for (const process of processes) process.go();
  expect(await Promise.all(processes.map(({ failed }) => failed))).toEqual(names.map(() => 0));
  const wanted = names.flatMap((name) => Array.from({ length: settings.tasks }, (_, index) => `${name} ${index + 1}`));
  const made = emulator.ledger.entries.map(({ prompt }) => prompt);
  expect(made.filter((prompt) => names.includes(prompt.split(' ')[0] as string)).toSorted()).toEqual(wanted.toSorted());
}
