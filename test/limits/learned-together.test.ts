import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlitePermits } from '@holodeck/core/stores';
import { startHunyuanEmulator } from '@holodeck/emulators';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { expect, it } from 'vitest';
import { runProcesses } from './support/run-processes.ts';

const outputSize = { width: 64, height: 64 };

// What they learn, and how fast: `simulated-limits.test.ts`.
it('processes store what they learn for later processes', async () => {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'holodeck-learned-together-'));
  const emulator = await startHunyuanEmulator({
    limit: 3,
    jobMs: 200,
    submitRate: 'off',
    queryRate: 'off',
    outputSize,
  });
  const client = createHunyuanClient({ ...emulator.credentials, endpoint: emulator.url });
  const permits = await openSqlitePermits({ directory: stateDirectory });
  const lane = client.stats().lanes[0]?.lane as string;
  const learned = async (): Promise<number> => (await permits.snapshotLane(lane, 'auto')).record?.revision ?? 0;
  try {
    expect(await learned()).toBe(0);
    await runProcesses(emulator, ['first'], { tasks: 8, maxConcurrent: 'auto', stateDirectory });
    const before = await learned();
    expect(before).toBeGreaterThan(0);
    await runProcesses(emulator, ['second', 'third'], { tasks: 4, maxConcurrent: 'auto', stateDirectory });
    expect(await learned()).toBeGreaterThan(before);
    const { accepted, maxConcurrent } = emulator.ledger.snapshot();
    expect(accepted).toBe(16);
    expect(maxConcurrent).toBeLessThanOrEqual(3);
    expect(await permits.count(lane)).toBe(0);
  } finally {
    await permits.close();
    await client.close();
    await emulator.close();
    await rm(stateDirectory, { recursive: true, force: true });
  }
});
