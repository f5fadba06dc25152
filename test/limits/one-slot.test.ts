import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHunyuanEmulator } from '@holodeck/emulators';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { expect, it } from 'vitest';

// A field report: the slot of a finished job stays taken for a while, and tasks that are sent in that time are refused (https://github.com/1024XEngineer/Windup/issues/861).
it('makes 50 images through one slot with a release delay: never two jobs at once, and no task fails because of a refusal', async () => {
  const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-one-slot-'));
  const emulator = await startHunyuanEmulator({
    limit: 1,
    jobMs: 30,
    slotTailMs: 100,
    outputSize: { width: 64, height: 64 },
    submitRate: 'off',
    queryRate: 'off',
  });
  const client = createHunyuanClient({ ...emulator.credentials, endpoint: emulator.url, outputDir });
  try {
    const tasks = Array.from({ length: 50 }, (_, index) => ({
      prompt: `第${index + 1}张图`,
      taskId: `image-${index + 1}`,
      size: '512x512',
    }));
    const results = await client.generateBatch(tasks);
    expect(results.filter(({ success }) => !success)).toEqual([]);
    expect(results.map(({ taskId }) => taskId)).toEqual(tasks.map(({ taskId }) => taskId));
    const { accepted, billed, delivered, maxConcurrent } = emulator.ledger.snapshot();
    expect({ accepted, billed, delivered, maxConcurrent }).toEqual({
      accepted: 50,
      billed: 50,
      delivered: 50,
      maxConcurrent: 1,
    });
    // The number of refusals depends on speed: see `simulated-limits.test.ts`.
    expect((await readdir(outputDir)).filter((name) => name.endsWith('.png'))).toHaveLength(50);
  } finally {
    await client.close();
    await emulator.close();
    await rm(outputDir, { recursive: true, force: true });
  }
});
