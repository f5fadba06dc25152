import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHunyuanEmulator } from '@holodeck/emulators';
import { expect, it } from 'vitest';
import { startCli } from '../support/run-cli.ts';

const outputSize = { width: 64, height: 64 };

it('keeps two processes with their own output folders within a limit of one job', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-two-processes-'));
  const emulator = await startHunyuanEmulator({ limit: 1, jobMs: 50, submitRate: 'off', queryRate: 'off', outputSize });
  const environment = {
    HUNYUAN_SECRET_ID: emulator.credentials.secretId,
    HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
    HUNYUAN_ENDPOINT: emulator.url,
  };
  try {
    const ends = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const tasks = Array.from({ length: 12 }, (_, index) =>
          JSON.stringify({ prompt: `${name} ${index}`, size: '512x512' }),
        );
        await writeFile(join(folder, `${name}.jsonl`), tasks.join('\n'));
        return startCli(['batch', `${name}.jsonl`, '--out', name, '--backend', 'hunyuan'], environment, folder).end;
      }),
    );
    expect(ends.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0]);
    const { accepted, maxConcurrent, refusals } = emulator.ledger.snapshot();
    // The permit is shared on this machine, so the service never has to refuse.
    expect({ accepted, maxConcurrent, refusals }).toEqual({ accepted: 24, maxConcurrent: 1, refusals: 0 });
    for (const name of ['one', 'two']) {
      expect((await readdir(join(folder, name))).filter((file) => file.endsWith('.png'))).toHaveLength(12);
    }
  } finally {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  }
});
