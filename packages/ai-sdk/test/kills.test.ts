import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHunyuanEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compileCache } from '../../../test/support/compile-cache.ts';
import { withPackages } from '../../../test/support/packages.ts';
import { until } from '../../../test/support/until.ts';

const program = fileURLToPath(new URL('support/generate-child.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-ai-sdk-kills-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function start(service: string, environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [...withPackages, program, service, join(folder, 'out')], {
    env: {
      PATH: process.env['PATH'],
      ...compileCache,
      HOME: folder,
      HOLODECK_STATE_DIR: join(folder, 'state'),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function endOf(child: ChildProcess): Promise<unknown> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await once(child, 'close');
  return JSON.parse(text.trim().split('\n').at(-1) ?? '');
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'close');
}

test('generateImage that is killed while its job runs brings the image when it is called again, and pays once', async () => {
  const emulator = await startHunyuanEmulator({ jobMs: 2000, queryRate: 'off' });
  const { secretId, secretKey } = emulator.credentials;
  const variables = {
    HUNYUAN_SECRET_ID: secretId,
    HUNYUAN_SECRET_KEY: secretKey,
    HUNYUAN_ENDPOINT: emulator.url,
  };
  try {
    const killed = start('hunyuan', variables);
    // A job that is asked about has its handle on disk.
    await until(() => emulator.ledger.polls > 0);
    await kill(killed);
    expect(await endOf(start('hunyuan', variables))).toMatchObject({ source: 'resumed' });
    expect(emulator.ledger).toMatchObject({ submissions: 1, accepted: 1, billed: 1, delivered: 1 });
  } finally {
    await emulator.close();
  }
});

test('generateImage that is killed while its request is on the wire does not send it again', async () => {
  const emulator = await startOpenAIEmulator({ imageMs: 0 });
  emulator.setFaults([{ kind: 'stall', operation: 'generate', nth: 1 }]);
  const variables = { OPENAI_API_KEY: emulator.apiKey ?? '', OPENAI_BASE_URL: emulator.baseURL };
  try {
    const killed = start('openai', variables);
    await until(() => emulator.ledger.submissions > 0);
    await kill(killed);
    expect(await endOf(start('openai', variables))).toMatchObject({ outcome: 'unknown' });
    expect(emulator.ledger.submissions).toBe(1);
  } finally {
    await emulator.close();
  }
});
