import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHunyuanEmulator, type HunyuanEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startRedisServer, type RedisServer } from '../../packages/redis/test/support/redis-server.ts';
import { startCli, type CliEnd, type CliRun } from '../support/run-cli.ts';

const guide = await readFile(fileURLToPath(new URL('../../docs/guides/several-machines.md', import.meta.url)), 'utf8');
/** The server's settings from the guide. */
const configuration = /^```\n(bind .*?)^```$/ms.exec(guide)?.[1] ?? '';
const blocksOf = (text: string): readonly string[] =>
  [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = '']) => code);
/** The guide's address, which is replaced by the test's server. */
const shown = '10.0.0.5:6379';

let server: RedisServer;
let emulator: HunyuanEmulator;
let folder: string;
const running: CliRun[] = [];

beforeEach(async () => {
  const lines = configuration.split('\n').filter((line) => line !== '' && !line.startsWith('bind '));
  server = await startRedisServer(
    lines.flatMap((line) => {
      const [name, value = ''] = line.split(' ');
      return [`--${name}`, value];
    }),
  );
  emulator = await startHunyuanEmulator({ limit: 1, jobMs: 50 });
  folder = await mkdtemp(join(tmpdir(), 'holodeck-guide-'));
});
afterEach(async () => {
  for (const run of running.splice(0)) {
    run.process.kill('SIGKILL');
    await run.end;
  }
  await emulator.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the shell blocks with the addresses, ports and folders of this machine. Workers continue in the background. */
async function follow(blocks: readonly string[]): Promise<readonly CliEnd[]> {
  const environment: Record<string, string> = {
    HUNYUAN_ENDPOINT: emulator.url,
    HUNYUAN_SECRET_ID: emulator.credentials.secretId,
    HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
  };
  const ends: CliEnd[] = [];
  for (const line of blocks.flatMap((block) => block.split('\n'))) {
    const here = line
      .replace(shown, `127.0.0.1:${server.port}`)
      .replace('/mnt/pictures', join(folder, 'pictures'))
      .replace('9464', '0');
    const [, name, value] = /^export (\w+)=(.*)$/.exec(here) ?? [];
    if (name !== undefined && value !== undefined) environment[name] = value;
    const args = /^holodeck-image (.*)$/.exec(here)?.[1]?.split(' ');
    if (args === undefined) continue;
    const run = startCli(args, environment, folder);
    running.push(run);
    if (args[0] === 'worker') await untilWorking(run);
    else ends.push(await run.end);
  }
  return ends;
}

async function untilWorking(run: CliRun): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    run.process.stdout?.once('data', () => resolve());
    run.end.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
}

it('the set-up works as it is written, on a server with the settings that are shown', async () => {
  expect(configuration).toContain('appendonly yes');
  await writeFile(join(folder, 'tasks.jsonl'), '{"prompt": "青花瓷茶壶"}\n{"prompt": "a brass lamp"}\n');
  const [batch, status, ...more] = await follow(blocksOf(guide));
  expect(more).toEqual([]);
  expect(batch).toMatchObject({ code: 0 });
  expect(batch?.stdout.trim().split('\n')).toHaveLength(2);
  expect(status?.stdout).toContain('0 waiting, 0 running of at most 1');
  expect(`${batch?.stderr}${status?.stderr}`).not.toContain('warning');
  expect((await readdir(join(folder, 'pictures'))).filter((name) => name.endsWith('.png'))).toHaveLength(2);
  expect(emulator.ledger.accepted).toBe(2);
});
