import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startHunyuanEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { alwaysSynced, startRedisServer, type RedisServer } from '../../packages/redis/test/support/redis-server.ts';
import { commandOf, imageSteps, instructionOf, isHealthy } from '../support/dockerfile.ts';
import { freePort } from '../support/free-port.ts';
import { isLongRun } from '../support/long-runs.ts';
import { startCli } from '../support/run-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let server: RedisServer;
let folder: string;

beforeEach(async () => {
  server = await startRedisServer(alwaysSynced);
  folder = await mkdtemp(join(tmpdir(), 'holodeck-image-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

// Without Docker: the image's command, health check and stop signal run on this machine, with another port and folder.
it('the image’s command works until its stop signal, and its health check reports its state', async () => {
  const emulator = await startHunyuanEmulator();
  const port = String(await freePort());
  const replaced = { 9464: port, '/pictures': folder };
  const command = commandOf('worker', 'CMD', replaced);
  expect(command).toEqual(expect.arrayContaining([port, folder]));
  const worker = startCli(
    command,
    {
      HOLODECK_STORE: server.url,
      HUNYUAN_ENDPOINT: emulator.url,
      HUNYUAN_SECRET_ID: emulator.credentials.secretId,
      HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
    },
    folder,
  );
  const until = async (expected: boolean): Promise<void> => {
    while ((await isHealthy('worker', replaced)) !== expected) {
      if (worker.process.exitCode !== null) throw new Error((await worker.end).stderr);
    }
  };
  try {
    await until(true);
    await server.kill();
    await until(false);
    await server.start();
    await until(true);
    worker.process.kill(instructionOf('worker', 'STOPSIGNAL') as NodeJS.Signals);
    expect((await worker.end).code).toBe(0);
  } finally {
    worker.process.kill('SIGKILL');
    await worker.end;
    await emulator.close();
  }
});

it('the image’s steps are those of the script, and their files exist', () => {
  expect(imageSteps).toEqual([
    'sh docker/worker/assemble.sh /app',
    'mkdir /pictures /keys && chown node:node /pictures /keys',
  ]);
  expect(existsSync(join(root, 'docker/worker/assemble.sh'))).toBe(true);
  expect(instructionOf('worker', 'ENTRYPOINT')).toBe('["node", "/app/dist/main.js"]');
});

// Installs everything from a fresh clone, which takes minutes.
it.runIf(isLongRun)('the image’s steps lead to a worker that starts', async () => {
  const { stdout } = await promisify(execFile)('sh', [join(root, 'docker/worker/check.sh')], { cwd: folder });
  expect(stdout).toContain('The worker of the image starts.');
});
