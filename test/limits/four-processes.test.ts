import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHunyuanEmulator } from '@holodeck/emulators';
import { expect, it } from 'vitest';
import { startBatchProcess } from './support/start-batch-process.ts';

const names = ['one', 'two', 'three', 'four'];
const tasks = 20;

it.each([2, 'auto'] as const)(
  'shares an account of two jobs among four processes (maxConcurrent %s)',
  async (maxConcurrent) => {
    const stateDirectory = await mkdtemp(join(tmpdir(), 'holodeck-four-processes-'));
    const emulator = await startHunyuanEmulator({ limit: 2, jobMs: 300, submitRate: 'off', queryRate: 'off' });
    const { secretId, secretKey } = emulator.credentials;
    const options = { tasks, maxConcurrent, stateDirectory, endpoint: emulator.url, secretId, secretKey };
    try {
      const processes = await Promise.all(names.map((name) => startBatchProcess({ ...options, name })));
      for (const process of processes) process.go();
      expect(await Promise.all(processes.map(({ failed }) => failed))).toEqual([0, 0, 0, 0]);
      const { accepted, maxConcurrent: atOnce, refusals, entries } = emulator.ledger;
      const owners = entries.map(({ prompt }) => prompt.split(' ')[0] as string);
      const firstToEnd = Math.min(...names.map((name) => owners.lastIndexOf(name)));
      const until = owners.slice(0, firstToEnd + 1);
      const shares = names.map((name) => until.filter((owner) => owner === name).length);
      console.info(
        maxConcurrent,
        { accepted, atOnce, refusals },
        'when the first has all of its jobs accepted:',
        shares,
      );
      expect({ accepted, atOnce }).toEqual({ accepted: names.length * tasks, atOnce: 2 });
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.8 * tasks);
      // A limit that was told is never tried; one that was not is found by one refusal for all four, and tried now and then. Jobs are
      // so short here that one which has ended unnoticed can make a try succeed that proves nothing; it takes refusals to find out.
      const most = maxConcurrent === 'auto' ? (names.length * tasks) / 2 : 0;
      expect(refusals).toBeLessThanOrEqual(most);
    } finally {
      await emulator.close();
      await rm(stateDirectory, { recursive: true, force: true });
    }
  },
);
