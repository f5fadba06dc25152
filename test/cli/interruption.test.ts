import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { ManualClock, startComfyUIEmulator, startOpenAIEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { withPackages } from '../support/packages.ts';
import { until } from '../support/until.ts';
import { openWorkspace } from './support/holodeck.ts';
import type { Workspace } from './support/holodeck.ts';

let workspace: Workspace;
let clock: ManualClock;
beforeEach(async () => {
  // Jobs run until the test moves the emulator's time.
  clock = new ManualClock();
  workspace = await openWorkspace({ clock, jobMs: 1000 });
});
afterEach(() => workspace.close());

it.each(['SIGINT', 'SIGTERM'] as const)('%s drains, exits 130, and the same command continues', async (signal) => {
  const args = ['batch', '-', '--out', 'images'];
  const input = '{"prompt": "a"}\n{"prompt": "b"}\n';
  const first = workspace.start(args, { input });
  await first.seen(': accepted');
  first.child.kill(signal);
  const interrupted = await first.finished;
  expect(interrupted.exitCode).toBe(130);
  expect(interrupted.stderr).toContain('The same command continues');
  expect(interrupted.stderr).not.toContain('error:');
  expect(workspace.emulator.ledger.accepted).toBe(1);

  const jobs = await workspace.run(['jobs', '--out', 'images', '--json']);
  expect(jobs.json().map((row) => row['state'])).toEqual(['accepted']);
  expect(jobs.stderr).toContain('"resume" fetches it');

  clock.advance(1000);
  const second = workspace.start(args, { input });
  // The job of the first run is fetched; only the other task is sent.
  await until(() => workspace.emulator.ledger.accepted === 2);
  clock.advance(1000);
  expect(await second.finished).toMatchObject({ exitCode: 0 });
  expect(workspace.emulator.ledger).toMatchObject({ accepted: 2, billed: 2 });
  expect((await second.finished).stderr).toContain('1 made, 1 already there or paid for');
});

it('resume fetches what an interrupted command paid for, and sends nothing', async () => {
  const first = workspace.start(['generate', 'a cup']);
  await first.seen(': accepted');
  first.child.kill('SIGTERM');
  expect((await first.finished).exitCode).toBe(130);
  clock.advance(1000);
  const resumed = await workspace.run(['resume', '--json']);
  expect(resumed).toMatchObject({ exitCode: 0 });
  expect(resumed.json()).toMatchObject([{ success: true, source: 'resumed' }]);
  expect(workspace.emulator.ledger).toMatchObject({ submissions: 1, delivered: 1 });
});

it('the same command continues a stopped scene with its lock and its paid image', async () => {
  const args = ['scene', '雨夜的面馆', '--object', 'lamp: brass desk lamp'];
  const first = workspace.start(args);
  await first.seen(': accepted');
  first.child.kill('SIGINT');
  expect((await first.finished).exitCode).toBe(130);
  clock.advance(1000);
  const second = workspace.start(args);
  await second.seen('card/lamp: accepted');
  clock.advance(1000);
  expect(await second.finished).toMatchObject({ exitCode: 0 });
  expect((await second.finished).stderr).toContain('1 made, 1 already there or paid for');
  expect(workspace.emulator.ledger).toMatchObject({ submissions: 2, accepted: 2, billed: 2 });
});

it('waits for an image that OpenAI is drawing, and the same command fetches it', async () => {
  const openai = await startOpenAIEmulator({ imageMs: 1000, clock });
  const env = { OPENAI_API_KEY: openai.apiKey, OPENAI_BASE_URL: openai.baseURL };
  try {
    const args = ['generate', 'a cup', '--backend', 'openai'];
    const first = workspace.start(args, { env });
    await until(() => openai.ledger.accepted === 1);
    first.child.kill('SIGINT');
    await first.seen('Stopping');
    clock.advance(1000);
    expect((await first.finished).exitCode).toBe(130);
    expect(await workspace.run(args, { env })).toMatchObject({ exitCode: 0 });
    expect(openai.ledger.snapshot()).toMatchObject({ submissions: 1, billed: 1 });
  } finally {
    await openai.close();
  }
});

it('the second signal exits at once', async () => {
  workspace.emulator.setFaults([{ kind: 'stall', operation: 'submit' }]);
  const run = workspace.start(['batch', '-'], { input: '{"prompt": "a"}' });
  await until(() => workspace.emulator.ledger.faults['stall'] === 1);
  run.child.kill('SIGINT');
  await run.seen('Stopping');
  // A launcher may double a signal, so one right after the first does not count; a user presses again.
  const repeat = setInterval(() => run.child.kill('SIGINT'), 50);
  const { signal, stderr } = await run.finished;
  clearInterval(repeat);
  // As a process that does not listen: a shell sees 130.
  expect(signal).toBe('SIGINT');
  // It did not wait for the answer that is on its way.
  expect(stderr).not.toContain('interrupted');
});

it('the second signal ends a process whose file system does not answer', async () => {
  const pipe = join(workspace.folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const module = new URL('../../apps/cli/src/run/interruption.ts', import.meta.url).href;
  // The pipe has no writer: opening it never returns, and its thread cannot be stopped.
  const script = `import { readFile } from 'node:fs';
    import { listenForInterruption } from ${JSON.stringify(module)};
    listenForInterruption(console.log);
    readFile(${JSON.stringify(pipe)}, () => undefined);
    console.log('listening');`;
  const child = spawn(process.execPath, [...withPackages, '--input-type=module', '-e', script]);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'exit');
  await until(() => output.includes('listening'));
  child.kill('SIGINT');
  await until(() => output.includes('Stopping'));
  const repeat = setInterval(() => child.kill('SIGINT'), 50);
  const [, signal] = await ended;
  clearInterval(repeat);
  expect(signal).toBe('SIGINT');
});

it('a job that another user interrupts at ComfyUI fails, and says so', async () => {
  const comfyui = await startComfyUIEmulator({ clock, jobMs: 1000 });
  try {
    const run = workspace.start(['generate', 'a cup', '--backend', 'comfyui'], { env: { COMFYUI_URL: comfyui.url } });
    await run.seen(': accepted');
    await until(async () => {
      const queue = (await (await fetch(`${comfyui.url}/queue`)).json()) as { queue_running: unknown[] };
      return queue.queue_running.length === 1;
    });
    await fetch(`${comfyui.url}/interrupt`, { method: 'POST', body: '{}' });
    const { exitCode, stderr } = await run.finished;
    expect(stderr).toMatch(/error: .*interrupted/);
    expect(exitCode).toBe(1);
  } finally {
    await comfyui.close();
  }
});
