import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paintPng, startHunyuanEmulator, startOpenAIEmulator, type HunyuanEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startBucketServer } from '../../packages/redis/test/support/bucket-server.ts';
import { startRedisServer, type RedisServer } from '../../packages/redis/test/support/redis-server.ts';
import { heldMs, PushedClock } from '../support/pushed-clock.ts';
import { startCli, type CliRun } from '../support/run-cli.ts';
import { until } from '../support/until.ts';

let server: RedisServer;
let emulator: HunyuanEmulator;
let clock: PushedClock;
let folder: string;
let environment: Record<string, string>;
const running: CliRun[] = [];

beforeEach(async () => {
  server = await startRedisServer();
  folder = await mkdtemp(join(tmpdir(), 'holodeck-cli-queue-'));
  clock = new PushedClock();
  emulator = await startHunyuanEmulator({ clock, limit: 2, jobMs: 100 });
  environment = {
    HUNYUAN_SECRET_ID: emulator.credentials.secretId,
    HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
    HUNYUAN_ENDPOINT: emulator.url,
  };
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

function start(args: readonly string[], more: Readonly<Record<string, string>> = {}): CliRun {
  const run = startCli(args, { ...environment, ...more }, folder);
  running.push(run);
  return run;
}

async function firstLine(run: CliRun): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    run.process.stdout?.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
    run.end.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
}

/** All made; an image that a busy worker lost and another one collected counts as paid for before. */
function allThere(count: number): RegExp {
  return new RegExp(String.raw`^(?:${count} made|\d+ made, \d+ already there or paid for)$`, 'm');
}

async function writeTasks(count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({ prompt: `picture ${index}`, size: '512x512', out: `${index}.png` }),
  );
  await writeFile(join(folder, 'tasks.jsonl'), lines.join('\n'));
}

it('makes a batch with two workers, reports the state of the queue, and stops workers gracefully', async () => {
  await writeTasks(12);
  const workerArgs = ['worker', '--queue', server.url, '--backend', 'hunyuan', '--out', 'out', '--concurrency', '2'];
  const workers = [start([...workerArgs, '--json', '--metrics-port', '0']), start([...workerArgs, '--json'])];
  const [first] = await Promise.all(workers.map(firstLine));
  // The first jobs run until both places are taken.
  emulator.set({ jobMs: heldMs });
  const run = start(['batch', 'tasks.jsonl', '--queue', server.url, '--json']);
  await until(() => emulator.ledger.accepted === 2);
  emulator.set({ jobMs: 100 });
  clock.push();
  const batch = await run.end;
  expect(batch.stderr).toMatch(allThere(12));
  expect(batch.code).toBe(0);
  const results = batch.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { success: boolean });
  expect(results.filter(({ success }) => success)).toHaveLength(12);
  expect((await readdir(join(folder, 'out'))).filter((name) => name.endsWith('.png'))).toHaveLength(12);
  expect(emulator.ledger).toMatchObject({ accepted: 12, maxConcurrent: 2 });

  const { metrics } = JSON.parse(first ?? '{}') as { metrics: string };
  const text = await (await fetch(metrics)).text();
  expect(text).toContain('# TYPE holodeck_worker_jobs_total counter');
  expect(text).toMatch(/holodeck_queue_jobs\{backend="hunyuan",model="[^"]+",state="completed"\} 12/);

  const status = await start(['queue', 'status', '--queue', server.url, '--json']).end;
  expect(JSON.parse(status.stdout)).toMatchObject({ backend: 'hunyuan', limit: 2, completed: 12, waiting: 0 });
  expect((JSON.parse(status.stdout) as { workers: unknown[] }).workers).toHaveLength(2);

  const again = await start(['batch', 'tasks.jsonl', '--queue', server.url]).end;
  expect(again.stderr).toContain('12 already there');
  expect(emulator.ledger.accepted).toBe(12);

  for (const worker of workers) worker.process.kill('SIGTERM');
  expect((await Promise.all(workers.map(({ end }) => end))).map(({ code }) => code)).toEqual([0, 0]);
});

it('keeps images in a bucket under one URL, and prints their addresses', async () => {
  const bucket = await startBucketServer();
  try {
    await writeTasks(2);
    const worker = ['worker', '--queue', server.url, '--backend', 'hunyuan', '--json'];
    const images = bucket.url('场景');
    const first = start([...worker, '--out', 'one'], { ...bucket.keys, HOLODECK_IMAGES: images });
    await firstLine(first);
    const batch = ['batch', 'tasks.jsonl', '--queue', server.url];
    const made = await start(batch).end;
    expect(made.stdout.trim().split('\n').toSorted()).toEqual(['s3://pictures/场景/0.png', 's3://pictures/场景/1.png']);
    first.process.kill('SIGTERM');
    await first.end;
    // Another machine: its folder is empty, and nothing is paid again.
    await firstLine(start([...worker, '--out', 'two', '--images', images], bucket.keys));
    expect((await start(batch).end).stderr).toContain('2 already there');
    expect(emulator.ledger.accepted).toBe(2);

    const wrong = await start([...worker, '--images', 's3://pictures?acl=public']).end;
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('"acl"');
  } finally {
    await bucket.close();
  }
});

it('keeps the state of a folder’s batch in the store of HOLODECK_STORE', async () => {
  await writeTasks(4);
  const shared = { HOLODECK_STORE: server.url };
  const command = ['batch', 'tasks.jsonl', '--backend', 'hunyuan', '--out', 'out'];
  expect((await start(command, shared).end).code).toBe(0);
  expect(await readdir(join(folder, 'out'))).not.toContain('.holodeck');
  expect((await start(command, shared).end).stderr).toContain('4 already there');
  const jobs = await start(['jobs', '--all', '--json', '--out', 'out'], shared).end;
  expect(jobs.stdout.trim().split('\n')).toHaveLength(4);
  expect(emulator.ledger.accepted).toBe(4);
});

// Each prefers another backend; the second follows the first.
it('keeps one backend for a session that two machines use', async () => {
  const openai = await startOpenAIEmulator({ imageMs: 100 });
  try {
    const shared = { HOLODECK_STORE: server.url, OPENAI_API_KEY: openai.apiKey, OPENAI_BASE_URL: openai.baseURL };
    // Each machine has its own state folder: only the store and the pictures' folder are shared.
    const scene = (machine: string, order: string): CliRun =>
      start(['scene', '雨夜的面馆', '--session', 'noodles', '--object', 'lamp: brass lamp', '--out', 'out', '--json'], {
        ...shared,
        HOLODECK_STATE_DIR: join(folder, machine),
        HOLODECK_BACKENDS: order,
      });
    const ends = await Promise.all([scene('one', 'hunyuan,openai').end, scene('two', 'openai,hunyuan').end]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    const accepted = [emulator.ledger.accepted, openai.ledger.accepted];
    expect(accepted.toSorted((a, b) => a - b)).toEqual([0, 2]);
    const sessions = await start(['sessions', '--json', '--out', 'out'], shared).end;
    const backend = accepted[0] === 0 ? 'openai' : 'hunyuan';
    expect(JSON.parse(sessions.stdout)).toMatchObject({ sessionId: 'noodles', backend });
  } finally {
    await openai.close();
  }
});

it('says clearly that the server is unavailable, and shows no password', async () => {
  await writeTasks(1);
  const away = 'redis://:geheim@127.0.0.1:1/0';
  const commands = [
    ['batch', 'tasks.jsonl', '--queue', away],
    ['worker', '--queue', away],
    ['queue', 'status', '--queue', away],
  ];
  for (const end of await Promise.all(commands.map((args) => start(args).end))) {
    expect(end.code).not.toBe(0);
    expect(end.stderr).toContain('redis://127.0.0.1:1');
    expect(end.stderr + end.stdout).not.toContain('geheim');
  }
  expect((await start(['worker']).end).stderr).toContain('--queue');
  expect(emulator.ledger.submissions).toBe(0);
});

it('lets no task of the queue write outside the workers’ folder', async () => {
  const out = ['../up.png', join(folder, 'absolute.png'), 'link/linked.png', 'a.png'];
  await mkdir(join(folder, 'out'));
  await mkdir(join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(folder, 'out', 'link'));
  await writeFile(
    join(folder, 'tasks.jsonl'),
    out.map((path) => JSON.stringify({ prompt: path, out: path })).join('\n'),
  );
  await firstLine(start(['worker', '--queue', server.url, '--backend', 'hunyuan', '--out', 'out']));
  const batch = ['batch', 'tasks.jsonl', '--queue', server.url];
  const first = await start(batch).end;
  expect(first.code).toBe(1);
  expect(first.stderr).toMatch(/line 1: "out" "..\/up.png" may leave the workers' output folder/);
  expect(first.stderr).toMatch(/line 2: "out" .* may leave the workers' output folder/);
  expect(first.stderr).toMatch(/line 3: The outputPath "link\/linked.png" lies outside the output folder/);
  // The producer may allow it, but the workers decide.
  const forced = await start([...batch, '--allow-outside']).end;
  expect(forced.stderr.match(/lies outside the output folder/g)).toHaveLength(3);
  expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
  expect(await readdir(folder)).not.toContain('up.png');
  expect(emulator.ledger.submissions).toBe(1);
});

it('a worker that has spent its budget returns its task and stops; another one continues', async () => {
  await writeTasks(3);
  const worker = ['worker', '--queue', server.url, '--backend', 'hunyuan', '--out', 'out'];
  const poor = start([...worker, '--max-cost', '0.4CNY']);
  await firstLine(poor);
  const batch = start(['batch', 'tasks.jsonl', '--queue', server.url]);
  const end = await poor.end;
  expect(end.stderr).toContain('0.6 CNY, more than the allowed 0.4 CNY');
  expect(end.stderr).toContain('Stopped: 2 made, 0 failed');
  expect(end.stderr).toContain('Paid submissions: 2, about 0.4 CNY');
  expect(end.code).toBe(2);
  expect(batch.process.exitCode).toBe(null);
  await firstLine(start(worker));
  const made = await batch.end;
  expect(made.stderr).toMatch(allThere(3));
  expect(made.code).toBe(0);
  expect(emulator.ledger.accepted).toBe(3);
});

it('puts only as many tasks into the queue as --max-cost allows', async () => {
  await writeTasks(3);
  await firstLine(start(['worker', '--queue', server.url, '--backend', 'hunyuan', '--out', 'out']));
  const batch = ['batch', 'tasks.jsonl', '--queue', server.url, '--max-cost', '0.4CNY'];
  for (const more of [{}, { HUNYUAN_SECRET_ID: '', HUNYUAN_SECRET_KEY: '' }]) {
    const { code, stderr } = await start(batch, more).end;
    expect(stderr).toMatch(/line 3: This would bring the cost to about 0.6 CNY, more than the allowed 0.4 CNY/);
    expect(code).toBe(1);
  }
  const { stdout } = await start([...batch, '--json']).end;
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter(({ success }) => success === false)).toMatchObject([
    {
      line: 3,
      error: { kind: 'budget', outcome: 'not-submitted', message: expect.stringMatching(/^This would bring the cost/) },
    },
  ]);
  expect(emulator.ledger.accepted).toBe(2);
});

it('references travel with their tasks; of others a worker reads only those in the folder that it allows', async () => {
  for (const path of ['pictures', 'producer', 'producer/others']) await mkdir(join(folder, path));
  const picture = paintPng({ width: 256, height: 256, prompt: 'a lamp', seed: 1 });
  await writeFile(join(folder, 'producer/local.png'), picture);
  const references = ['local.png', 'absent.png', 'others'];
  const lines = references.map((path) => JSON.stringify({ prompt: 'a lamp', out: `${path}.png`, references: [path] }));
  await writeFile(join(folder, 'producer/tasks.jsonl'), lines.join('\n'));
  const worker = ['worker', '--queue', server.url, '--backend', 'hunyuan', '--out', 'out', '--allow-references'];
  const refused = await start([...worker, 'absent', '--lang', 'zh']).end;
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/参考图.*ENOENT.*--allow-references/);
  await firstLine(start([...worker, 'pictures']));
  const run = startCli(['batch', 'tasks.jsonl', '--queue', server.url], environment, join(folder, 'producer'));
  running.push(run);
  const batch = await run.end;
  expect(batch.code).toBe(1);
  const errors = batch.stderr.match(/not a file that its worker may read.*--allow-references/g) ?? [];
  expect(errors).toHaveLength(2);
  expect(new Set(errors).size).toBe(1);
  expect(emulator.ledger.accepted).toBe(1);
});

it('a worker replaces no file of the user unless the batch says --overwrite', async () => {
  await mkdir(join(folder, 'out'));
  await writeFile(join(folder, 'out', 'lamp.png'), 'a drawing of my own');
  await writeFile(join(folder, 'tasks.jsonl'), JSON.stringify({ prompt: 'a lamp', out: 'lamp.png' }));
  await firstLine(start(['worker', '--queue', server.url, '--backend', 'hunyuan', '--out', 'out']));
  const batch = ['batch', 'tasks.jsonl', '--queue', server.url];
  const refused = await start(batch).end;
  expect(refused.stderr).toMatch(/lamp\.png.*--overwrite/);
  expect([refused.code, emulator.ledger.submissions]).toEqual([1, 0]);
  expect((await start([...batch, '--overwrite']).end).code).toBe(0);
  expect(emulator.ledger.accepted).toBe(1);
});
