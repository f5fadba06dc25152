import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHunyuanEmulator } from '@holodeck/emulators';
import type { HunyuanEmulator } from '@holodeck/emulators';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startCli } from '../support/run-cli.ts';

let folder: string;
let emulator: HunyuanEmulator;
let environment: Record<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-lost-answer-'));
  emulator = await startHunyuanEmulator({ jobMs: 20 });
  const { secretId, secretKey } = emulator.credentials;
  environment = { HUNYUAN_SECRET_ID: secretId, HUNYUAN_SECRET_KEY: secretKey, HUNYUAN_ENDPOINT: emulator.url };
});

afterEach(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

it('does not send a submission again if its answer was lost, lists it, and pays again only on request', async () => {
  emulator.setFaults([{ kind: 'reset-after-accept', operation: 'submit', nth: 1 }]);
  const command = ['generate', '雨夜的面馆', '--backend', 'hunyuan', '--out', 'out/面馆.png', '--size', '512x512'];
  const first = await startCli(command, environment, folder).end;
  expect(first.code).toBe(1);
  expect(emulator.ledger.snapshot()).toMatchObject({ submissions: 1, accepted: 1 });
  const again = await startCli(command, environment, folder).end;
  expect(again.code).toBe(1);
  expect(emulator.ledger.snapshot()).toMatchObject({ submissions: 1, accepted: 1 });
  const jobs = await startCli(['jobs', '--out', 'out', '--json'], environment, folder).end;
  const [job] = jobs.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(job).toMatchObject({ state: 'unknown', backend: 'hunyuan' });
  const paid = await startCli(['jobs', 'pay-again', String(job?.['taskId']), '--out', 'out'], environment, folder).end;
  expect(paid).toMatchObject({ code: 0 });
  expect(emulator.ledger.snapshot()).toMatchObject({ submissions: 2, accepted: 2, delivered: 1 });
});

it('retries a submission that was never sent', async () => {
  // Nothing listens on this port yet, so the first tries find no connection.
  const port = await freePort();
  const { secretId, secretKey } = emulator.credentials;
  const client = createHunyuanClient({
    secretId,
    secretKey,
    endpoint: `http://127.0.0.1:${port}`,
    outputDir: folder,
    retryBaseMs: 10,
  });
  let late: HunyuanEmulator | undefined;
  try {
    let waits = 0;
    const opened = Promise.withResolvers<void>();
    const result = client.generate(
      { prompt: '雨夜的面馆', size: '512x512' },
      {
        onProgress: (event) => {
          if (event.type !== 'waiting') return;
          waits += 1;
          // The service comes up between the first try and the second.
          if (late === undefined)
            void startHunyuanEmulator({ jobMs: 20, port }).then((started) => ((late = started), opened.resolve()));
        },
      },
    );
    await opened.promise;
    expect(await result).toMatchObject({ success: true, paidAttempts: 1 });
    expect(waits).toBeGreaterThan(0);
    expect(late?.ledger.snapshot()).toMatchObject({ submissions: 1, accepted: 1 });
  } finally {
    await client.close();
    await late?.close();
  }
});
