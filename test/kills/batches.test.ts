import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { startOpenAIEmulator } from '@holodeck/emulators';
import type { OpenAIEmulator } from '@holodeck/emulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withPackages } from '../support/packages.ts';
import { isLongRun, sampled, sized } from '../support/long-runs.ts';
import { until } from '../support/until.ts';
import type { BatchChildTask } from './support/batch-child.ts';

/** Each of the moments is hit so often. */
const rounds = sized(1, 25);
const tasksPerRound = 2;
const childPath = resolve(import.meta.dirname, 'support/batch-child.ts');
const slow = { delayMs: 60_000 } as const;

let emulator: OpenAIEmulator;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holodeck-batch-kills-'));
  emulator = await startOpenAIEmulator({ batchMs: 40, batchPollAfterMs: 5 });
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

function start(taskIds: readonly string[]): ChildProcess {
  const { apiKey, baseURL } = emulator;
  const task: BatchChildTask = { apiKey, baseURL, outputDir: folder, taskIds };
  return spawn(process.execPath, [...withPackages, childPath, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const asked = (method: string, end: string): number =>
  emulator.requests.filter((request) => request.method === method && request.path.endsWith(end)).length;

/** The moments of a batch, and what shows that one has come. */
const allMoments: readonly (readonly [name: string, fault: () => void, count: () => number])[] = [
  [
    'the group is on disk',
    () => emulator.setFaults([{ kind: 'stall', operation: 'upload', accepted: false, ...slow }]),
    () => asked('POST', '/files'),
  ],
  [
    'the file is uploaded',
    () => emulator.setFaults([{ kind: 'stall', operation: 'create-batch', accepted: false, ...slow }]),
    () => asked('POST', '/batches'),
  ],
  [
    'the batch is created',
    () => emulator.setFaults([{ kind: 'stall', operation: 'create-batch', ...slow }]),
    () => emulator.batches.length,
  ],
  ['images are collected', () => emulator.setFaults([]), () => asked('GET', '/content')],
];

/** Each kill costs the start of a process. */
const moments = sampled(allMoments, 2);

describe(`batches of OpenAI, killed ${rounds * moments.length} times`, () => {
  it('loses nothing, pays nothing twice and leaves nothing unknown', async () => {
    const taskIds: string[] = [];
    // A process that is killed leaves no compiled code for the next one.
    if (isLongRun) await once(start([]), 'exit');
    for (let round = 0; round < rounds; round += 1) {
      for (const [, fault, count] of moments) {
        for (let index = 0; index < tasksPerRound; index += 1) taskIds.push(`t${taskIds.length + 1}`);
        fault();
        const before = count();
        // What is done already would only be read again.
        const child = start(taskIds.filter((taskId) => !existsSync(join(folder, `${taskId}.png`))));
        const ended = once(child, 'exit');
        await until(() => count() > before || child.exitCode !== null);
        child.kill('SIGKILL');
        await ended;
      }
    }
    emulator.setFaults([]);
    const last = start(taskIds);
    const outcomes = JSON.parse(await text(last.stdout ?? process.stdin)) as string[];
    expect(outcomes).toEqual(taskIds.map(() => 'done'));
    const files = await readdir(folder);
    expect(taskIds.filter((taskId) => !files.includes(`${taskId}.png`))).toEqual([]);
    const { entries } = emulator.ledger;
    expect(entries.map(({ prompt }) => prompt).toSorted()).toEqual(taskIds.map((id) => `task ${id}`).toSorted());
    const inputs = emulator.batches.map(({ inputFileId }) => inputFileId);
    expect(new Set(inputs).size).toBe(inputs.length);
    console.info(`${rounds * moments.length} kills, ${taskIds.length} tasks, ${inputs.length} batches`);
  }, 3_600_000);
});
