import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHunyuanEmulator } from '@holodeck/emulators';
import { expect, it } from 'vitest';
import { runProcesses } from './support/run-processes.ts';

const outputSize = { width: 64, height: 64 };

const names = ['one', 'two', 'three', 'four'];

// How evenly they share, and how often they are refused: `simulated-limits.test.ts`.
it.each([2, 'auto'] as const)(
  'shares an account of two jobs among four processes (maxConcurrent %s)',
  async (maxConcurrent) => {
    const stateDirectory = await mkdtemp(join(tmpdir(), 'holodeck-four-processes-'));
    const emulator = await startHunyuanEmulator({
      limit: 2,
      jobMs: 100,
      submitRate: 'off',
      queryRate: 'off',
      outputSize,
    });
    try {
      await runProcesses(emulator, names, { tasks: 8, maxConcurrent, stateDirectory });
      const { accepted, maxConcurrent: atOnce, refusals } = emulator.ledger.snapshot();
      expect(accepted).toBe(names.length * 8);
      expect(atOnce).toBeLessThanOrEqual(2);
      // A configured limit is never exceeded, at any speed.
      if (maxConcurrent === 2) expect(refusals).toBe(0);
    } finally {
      await emulator.close();
      await rm(stateDirectory, { recursive: true, force: true });
    }
  },
);
