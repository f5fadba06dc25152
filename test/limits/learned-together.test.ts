import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHunyuanEmulator } from '@holodeck/emulators';
import type { HunyuanEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startBatchProcess } from './support/start-batch-process.ts';

let stateDirectory: string;

beforeEach(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), 'holodeck-learned-together-'));
});

afterEach(async () => {
  await rm(stateDirectory, { recursive: true, force: true });
});

/** Each of the names makes so many images in a process of its own, all at once. */
async function make(emulator: HunyuanEmulator, names: readonly string[], tasks: number): Promise<void> {
  const { url: endpoint, credentials } = emulator;
  const options = { tasks, maxConcurrent: 'auto', stateDirectory, endpoint, ...credentials } as const;
  const processes = await Promise.all(names.map((name) => startBatchProcess({ ...options, name })));
  for (const process of processes) process.go();
  expect(await Promise.all(processes.map(({ failed }) => failed))).toEqual(names.map(() => 0));
}

it('begins a later run with the limit that an earlier one has found, instead of looking for it again', async () => {
  const emulator = await startHunyuanEmulator({ limit: 3, jobMs: 200, submitRate: 'off', queryRate: 'off' });
  try {
    await make(emulator, ['first'], 8);
    expect(emulator.ledger.snapshot()).toMatchObject({ accepted: 8, refusals: 1, maxConcurrent: 3 });
    await make(emulator, ['second', 'third'], 4);
    // A client that knew nothing would be refused as it tries a fourth job.
    expect(emulator.ledger.snapshot()).toMatchObject({ accepted: 16, refusals: 1, maxConcurrent: 3 });
  } finally {
    await emulator.close();
  }
});

it('learns the tail of a slot whose job was another process’s', async () => {
  const names = ['one', 'two', 'three', 'four'];
  const tasks = 10;
  const emulator = await startHunyuanEmulator({
    limit: 2,
    jobMs: 500,
    slotTailMs: 300,
    submitRate: 'off',
    queryRate: 'off',
  });
  try {
    await make(emulator, names, tasks);
    const { accepted, maxConcurrent, refusals } = emulator.ledger.snapshot();
    console.info({ accepted, maxConcurrent, refusals }, 'four processes, two slots with a tail');
    expect(accepted).toBe(names.length * tasks);
    expect(maxConcurrent).toBeLessThanOrEqual(2);
    // The aim for one client. Four that do not know of one another's ends are refused several times for each job.
    expect(refusals).toBeLessThanOrEqual(names.length * tasks);
  } finally {
    await emulator.close();
  }
});
