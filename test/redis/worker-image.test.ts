import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startHunyuanEmulator } from '@holodeck/emulators';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startRedisServer, type RedisServer } from '../../packages/redis/test/support/redis-server.ts';
import { isLongRun } from '../support/long-runs.ts';
import { startCli } from '../support/run-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let lines: readonly string[];
let server: RedisServer;
let folder: string;

beforeAll(async () => {
  const text = await readFile(join(root, 'docker/worker/Dockerfile'), 'utf8');
  lines = text.replaceAll('\\\n', ' ').split('\n');
});
beforeEach(async () => {
  server = await startRedisServer();
  folder = await mkdtemp(join(tmpdir(), 'holodeck-image-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** What follows an instruction's last occurrence. */
function instruction(name: string): string {
  const line = lines.findLast((candidate) => candidate.startsWith(`${name} `));
  if (line === undefined) throw new Error(`The Dockerfile has no ${name}.`);
  return line.slice(name.length + 1).trim();
}

/** The JSON form of a command. */
function commandOf(text: string): string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as string[];
}

async function freePort(): Promise<string> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return String(port);
}

// Without Docker: the image's command, health check and stop signal run on this machine, with another port and folder.
it('the image’s command works until its stop signal, and its health check reports its state', async () => {
  const emulator = await startHunyuanEmulator();
  const port = await freePort();
  const command = commandOf(instruction('CMD')).map((word) => {
    if (word === '9464') return port;
    return word === '/pictures' ? folder : word;
  });
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
  const check = commandOf(instruction('HEALTHCHECK')).map((word) => word.replace('9464', port));
  const isHealthy = async (): Promise<boolean> => {
    const [program = '', ...args] = check;
    const child = spawn(program === 'node' ? process.execPath : program, args, { stdio: 'ignore' });
    return (await once(child, 'exit'))[0] === 0;
  };
  const until = async (expected: boolean): Promise<void> => {
    while ((await isHealthy()) !== expected) {
      if (worker.process.exitCode !== null) throw new Error((await worker.end).stderr);
    }
  };
  try {
    await until(true);
    await server.kill();
    await until(false);
    await server.start();
    await until(true);
    worker.process.kill(instruction('STOPSIGNAL') as NodeJS.Signals);
    expect((await worker.end).code).toBe(0);
  } finally {
    worker.process.kill('SIGKILL');
    await worker.end;
    await emulator.close();
  }
});

it('the image’s steps are those of the script, and their files exist', () => {
  const steps = lines.filter((line) => line.startsWith('RUN ')).map((line) => line.slice('RUN '.length));
  expect(steps).toEqual(['sh docker/worker/assemble.sh /app', 'mkdir /pictures && chown node:node /pictures']);
  expect(existsSync(join(root, 'docker/worker/assemble.sh'))).toBe(true);
  expect(instruction('ENTRYPOINT')).toBe('["node", "/app/dist/main.js"]');
});

// Installs everything from a fresh clone, which takes minutes.
it.runIf(isLongRun)('the image’s steps lead to a worker that starts', async () => {
  const { stdout } = await promisify(execFile)('sh', [join(root, 'docker/worker/check.sh')], { cwd: folder });
  expect(stdout).toContain('The worker of the image starts.');
});
