import { ManualClock, startComfyUIEmulator } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import { backendWith, call, emulator, queueJob, runningJob, useEmulator } from './support/emulator-jobs.ts';
import { failure, generate, imageRequest, pngSize, startJob } from './support/harness.ts';
import { plainGraph, standardGraph } from './support/graphs.ts';
import type { Clock } from '@holodeck/core/backend';

useEmulator();

describe('the end of a job is found', () => {
  it('if the result came from the cache, and if the cached file is gone', async () => {
    const backend = backendWith({ workflow: plainGraph() });
    const inputs = { '2.filename_prefix': 'same' };
    const first = await generate(backend, { providerOptions: { inputs } });
    const cached = await generate(backend, { providerOptions: { inputs } });
    expect(cached.images.get(0)).toEqual(first.images.get(0));
    emulator.deleteFile({ filename: 'same_00001_.png', subfolder: '', type: 'output' });
    expect(await failure(generate(backend, { providerOptions: { inputs } }))).toMatchObject({
      kind: 'job-failed',
      outcome: 'lost',
      code: 'file-missing',
      retryable: true,
    });
    // A job with its own prefix never reuses the old file.
    expect((await generate(backend)).images.size).toBe(1);
  });

  it('if the history is late', async () => {
    emulator.set({ historyGapMs: 150 });
    expect((await generate(backendWith())).images.size).toBe(1);
  });

  it('if the socket is cut while it runs', async () => {
    const backend = backendWith();
    const job = await runningJob(backend, 400);
    emulator.cutSockets();
    await job.collected;
    expect(pngSize(job.images.get(0))).toEqual([64, 64]);
    expect(emulator.ledger.submissions).toBe(1);
  });

  it('if the socket is cut while it ends', async () => {
    const backend = backendWith();
    const job = await runningJob(backend, 20);
    emulator.cutSockets();
    await job.collected;
    expect(job.images.size).toBe(1);
    expect(emulator.ledger.submissions).toBe(1);
  });

  it('if a node was silent for 15 s, without cutting a healthy connection', async () => {
    const time = new ManualClock();
    const slow = await startComfyUIEmulator({ jobMs: 15_000, historyGapMs: 0, clock: time });
    const clock: Clock = {
      now: () => time.now(),
      monotonic: () => time.now(),
      sleep: async (ms, signal) => {
        await time.sleep(ms, signal);
        signal?.throwIfAborted();
      },
    };
    const backend = backendWith({ url: slow.url, workflow: plainGraph(), internal: { clock } });
    const job = startJob(backend);
    const handle = await backend.submit(imageRequest(), job.context);
    const state = { over: false };
    const collected = backend.collect(handle, job.context).finally(() => {
      state.over = true;
    });
    const began = time.now();
    while (!state.over) {
      time.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await collected;
    expect(time.now() - began).toBeGreaterThanOrEqual(15_000);
    expect(job.images.size).toBe(1);
    expect([slow.openSockets, slow.ledger.submissions]).toEqual([1, 1]);
    await backend.close();
    await slow.close();
  });

  it('if it ended while no client listened', async () => {
    const backend = backendWith();
    const { handle } = await generate(backend);
    const other = backendWith();
    const job = startJob(other);
    await other.collect(handle, job.context);
    expect(job.images.size).toBe(1);
    // And again by the same client.
    await backend.collect(handle, startJob(backend).context);
    expect(emulator.ledger.submissions).toBe(1);
  });

  it('if the server has forgotten the client although the connection is alive', async () => {
    const backend = backendWith({ internal: { statusTimeoutMs: 50, backstopMs: 60_000 } });
    const { handle } = await generate(backend);
    const clientId = emulator.ledger.entry(handle.jobId)!.account!;
    // When a second socket with the same id closes, the registration goes too.
    const { WebSocket } = await import('ws');
    const intruder = new WebSocket(`${emulator.url.replace('http', 'ws')}/ws?clientId=${clientId}`);
    await new Promise((resolve) => intruder.once('message', resolve));
    await new Promise((resolve) => {
      intruder.once('close', resolve);
      intruder.close();
    });
    expect((await generate(backend)).images.size).toBe(1);
    // Events soon arrive again: at once, or after one more try if the end of the old connection was noticed late.
    emulator.set({ jobMs: 50 });
    let heard = false;
    while (!heard) {
      const next = await generate(backend);
      heard = next.events.some(({ type }) => type === 'running');
    }
  });

  it('for 50 at once over one socket', async () => {
    const backend = backendWith({ workflow: standardGraph() });
    const done = await Promise.all(
      Array.from({ length: 50 }, (_, seed) => generate(backend, { seed, prompt: `lamp ${seed}` })),
    );
    expect(emulator.openSockets).toBe(1);
    expect(new Set(done.map(({ images }) => images.get(0)!.toString('base64'))).size).toBe(50);
    expect(done.every(({ result }, seed) => result.images[0]!.seed === seed)).toBe(true);
    expect(emulator.ledger).toMatchObject({ submissions: 50, accepted: 50, delivered: 50 });
  });

  it('on version 0.3.64, which has no jobs routes', async () => {
    emulator.set({ version: '0.3.64' });
    const backend = backendWith({ internal: { backstopMs: 30 } });
    expect((await generate(backend)).images.size).toBe(1);
    const job = await queueJob(backend);
    const collected = failure(backend.collect(job.handle, job.context));
    await call('/queue', { clear: true });
    expect(await collected).toMatchObject({ code: 'job-deleted', outcome: 'failed' });
  });
});
