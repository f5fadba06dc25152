import { createComfyUIBackend } from '@holodeck/comfyui';
import { ImageClient } from '@holodeck/core';
import { ManualClock, startComfyUIEmulator } from '@holodeck/emulators';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { StandingClock } from '../../../test/support/standing-clock.ts';
import { until } from '../../../test/support/until.ts';
import type { ProgressEvent, TaskEvent } from '@holodeck/core';
import type { ComfyUIEmulator } from '@holodeck/emulators';

const minute = 60_000;

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

interface Run {
  readonly emulator: ComfyUIEmulator;
  readonly jobs: ManualClock;
  readonly time: StandingClock;
  readonly client: ImageClient;
}

/** A server whose jobs take 20 minutes in 20 steps, and a client whose tasks end after 5 minutes of silence. */
async function start(): Promise<Run> {
  const jobs = new ManualClock();
  const time = new StandingClock();
  const emulator = await startComfyUIEmulator({ port: await freePort(), jobMs: 20 * minute, clock: jobs });
  // A minute that passes at once is not a socket that was forgotten.
  const internal = { clock: time, statusTimeoutMs: 1e9 };
  const backend = createComfyUIBackend({ url: emulator.url, sampling: { steps: 20 }, internal });
  const client = new ImageClient(backend, { internal: { clock: time }, timeoutMs: 5 * minute, maxConcurrent: 2 });
  opened.push(client, emulator);
  return { emulator, jobs, time, client };
}

interface Sampling {
  readonly told: ProgressEvent[];
  readonly waits: TaskEvent[];
  readonly result: ReturnType<ImageClient['generate']>;
}

/** One job that has begun to sample, and what was told of it. */
async function sampling({ client }: Run): Promise<Sampling> {
  const told: ProgressEvent[] = [];
  const waits: TaskEvent[] = [];
  const result = client.generate(
    { prompt: 'a lighthouse', size: '64x64' },
    {
      onProgress: (event) => {
        if (event.type === 'progress') told.push(event.progress);
        if (event.type === 'waiting') waits.push(event);
      },
    },
  );
  await until(() => told.some((event) => event.type === 'running' && event.node === 'Sampler'));
  return { told, waits, result };
}

const stepsOf = (told: readonly ProgressEvent[]): number =>
  Math.max(0, ...told.map((event) => (event.type === 'running' ? (event.step ?? 0) : 0)));

it('does not end a job of 20 minutes that advances, nor the one that waits behind it', async () => {
  const run = await start();
  const { told, result } = await sampling(run);
  const waiting: ProgressEvent[] = [];
  const second = run.client.generate(
    { prompt: 'a red door', size: '64x64' },
    { onProgress: (event) => event.type === 'progress' && waiting.push(event.progress) },
  );
  await until(() => run.emulator.ledger.entries.length === 2);
  for (let step = 1; step < 20; step += 1) {
    run.jobs.advance(minute);
    await until(() => stepsOf(told) >= step);
    const queued = waiting.length;
    run.time.advance(minute);
    await until(() => {
      run.time.advance(250);
      return waiting.length > queued;
    });
  }
  expect(told).toContainEqual(expect.objectContaining({ type: 'running', node: 'Sampler', step: 7, steps: 20 }));
  expect(waiting).toContainEqual({ type: 'queued', position: 1 });
  const results = Promise.all([result, second]);
  await until(() => {
    run.jobs.advance(minute);
    return run.emulator.ledger.entries.every(({ state }) => state === 'succeeded');
  });
  expect(await results).toMatchObject([{ success: true }, { success: true }]);
});

it('ends a job that is silent, and keeps it', async () => {
  const run = await start();
  const { result } = await sampling(run);
  let over = false;
  void result.finally(() => (over = true));
  run.time.advance(4 * minute);
  expect(over).toBe(false);
  run.time.advance(minute);
  expect(await result).toMatchObject({
    success: false,
    error: {
      kind: 'timeout',
      outcome: 'accepted',
      message: expect.stringMatching(/^Nothing was heard of the job for 300000 ms.*raise timeoutMs\. Its job is /),
    },
  });
});

it('says what was wrong with a server that has died for good', async () => {
  const run = await start();
  const { result, waits } = await sampling(run);
  let over = false;
  void result.finally(() => (over = true));
  await run.emulator.close();
  await until(() => {
    run.time.advance(250);
    return waits.length > 0;
  });
  await until(() => {
    run.time.advance(minute / 6);
    return over;
  });
  expect(await result).toMatchObject({
    success: false,
    error: {
      kind: 'timeout',
      outcome: 'accepted',
      message: expect.stringMatching(/^Nothing was heard of the job for 300000 ms.*does not answer \(ECONNREFUSED\)/),
    },
  });
});
