import { ManualClock, startComfyUIEmulator } from '@holodeck/emulators';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBackend, failure, generate, imageRequest, pngSize, startJob } from './support/harness.ts';
import { plainGraph, standardGraph } from './support/graphs.ts';
import type { ComfyUIOptions } from '@holodeck/comfyui';
import type { Clock, ImageBackend, JobHandle } from '@holodeck/core';
import type { ComfyUIEmulator } from '@holodeck/emulators';
import type { Job } from './support/harness.ts';

let emulator: ComfyUIEmulator;
const backends: ImageBackend[] = [];

beforeEach(async () => {
  emulator = await startComfyUIEmulator({ jobMs: 0 });
});

afterEach(async () => {
  await Promise.all(backends.splice(0).map((backend) => backend.close()));
  expect(emulator.ledger.internalErrors).toEqual([]);
  await emulator.close();
});

function backendWith(options: ComfyUIOptions = {}): ImageBackend {
  const backend = createBackend({ url: emulator.url, ...options });
  backends.push(backend);
  return backend;
}

/** A job that waits in the queue: jobs do not start until `paused` is lifted. */
async function queueJob(backend: ImageBackend, job: Job = startJob(backend)): Promise<Job & { handle: JobHandle }> {
  emulator.set({ paused: true });
  const handle = await backend.submit(imageRequest(), job.context);
  return { ...job, handle };
}

/** A job that is at work, and stays so for a while. */
async function runningJob(
  backend: ImageBackend,
  jobMs = 60_000,
): Promise<Job & { handle: JobHandle; collected: Promise<unknown> }> {
  emulator.set({ jobMs });
  let running = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    running = resolve;
  });
  const job = startJob(backend, { onProgress: (event) => event.type === 'running' && running() });
  const handle = await backend.submit(imageRequest(), job.context);
  const collected = backend.collect(handle, job.context);
  collected.catch(() => undefined);
  await begun;
  return { ...job, handle, collected };
}

const call = (path: string, body: unknown): Promise<Response> =>
  fetch(`${emulator.url}${path}`, { method: 'POST', body: JSON.stringify(body) });

describe('the end of a job is found', () => {
  it('when it was answered from the cache, and when the cached file is gone', async () => {
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
    // With a prefix of its own a job never meets the old file.
    expect((await generate(backend)).images.size).toBe(1);
  });

  it('when the history is late', async () => {
    emulator.set({ historyGapMs: 150 });
    expect((await generate(backendWith())).images.size).toBe(1);
  });

  it('when the socket is cut while it goes on', async () => {
    const backend = backendWith();
    const job = await runningJob(backend, 400);
    emulator.cutSockets();
    await job.collected;
    expect(pngSize(job.images.get(0))).toEqual([64, 64]);
    expect(emulator.ledger.submissions).toBe(1);
  });

  it('when the socket is cut while it ends', async () => {
    const backend = backendWith();
    const job = await runningJob(backend, 20);
    emulator.cutSockets();
    await job.collected;
    expect(job.images.size).toBe(1);
    expect(emulator.ledger.submissions).toBe(1);
  });

  it('when a node was silent for 15 s, without cutting a healthy connection', async () => {
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

  it('when it ended while nobody listened', async () => {
    const backend = backendWith();
    const { handle } = await generate(backend);
    const other = backendWith();
    const job = startJob(other);
    await other.collect(handle, job.context);
    expect(job.images.size).toBe(1);
    // And once more by the same client.
    await backend.collect(handle, startJob(backend).context);
    expect(emulator.ledger.submissions).toBe(1);
  });

  it('when the server has forgotten the client although the connection lives', async () => {
    const backend = backendWith({ internal: { statusTimeoutMs: 50, backstopMs: 60_000 } });
    const { handle } = await generate(backend);
    const clientId = emulator.ledger.entry(handle.jobId)!.account!;
    // A second socket under the same id that closes again takes the registration with it.
    const { WebSocket } = await import('ws');
    const intruder = new WebSocket(`${emulator.url.replace('http', 'ws')}/ws?clientId=${clientId}`);
    await new Promise((resolve) => intruder.once('message', resolve));
    await new Promise((resolve) => {
      intruder.once('close', resolve);
      intruder.close();
    });
    expect((await generate(backend)).images.size).toBe(1);
    // Soon events arrive again: at once, or, where the old connection's end was noticed late, after one more try.
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

describe('jobs that bring nothing', () => {
  it('fail with the words of the node that raised', async () => {
    emulator.setFaults([{ kind: 'fail-job', operation: 'run', code: 'ValueError', message: 'bad\n  latent\n' }]);
    const error = await failure(generate(backendWith()));
    expect(error).toMatchObject({ kind: 'job-failed', outcome: 'failed', retryable: false, code: 'ValueError' });
    expect(error.message).toMatch(
      /failed on 127\.0\.0\.1:\d+ in node 4 \(CheckpointLoaderSimple\): bad latent \[ValueError\]/,
    );
  });

  it('say what helps when the graphics memory is full', async () => {
    emulator.setFaults([
      { kind: 'fail-job', operation: 'run', code: 'torch.OutOfMemoryError', message: 'Allocation on device' },
    ]);
    expect(await failure(generate(backendWith()))).toMatchObject({
      kind: 'job-failed',
      retryable: true,
      message: expect.stringContaining('smaller size'),
    });
  });

  it('go on behind a blocked branch, with a warning, or fail when it was the only one', async () => {
    const workflow = {
      ...plainGraph(),
      '3': { class_type: 'TestBlock', inputs: { image: ['1', 0], message: 'not today' } },
      '4': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'b' } },
    };
    const done = await generate(backendWith({ workflow }));
    expect(done.result.images).toHaveLength(1);
    expect(done.result.warnings?.at(-1)?.message).toContain('Execution Blocked: not today');
    const { '3': block, '4': behind } = workflow;
    const only = { '1': plainGraph()['1'], '3': block, '4': behind };
    expect(await failure(generate(backendWith({ workflow: only })))).toMatchObject({
      kind: 'job-failed',
      code: 'no-images',
      message: expect.stringContaining('not today'),
    });
  });

  it('are told from jobs that somebody interrupted', async () => {
    const job = await runningJob(backendWith());
    await call('/interrupt', {});
    expect(await failure(job.collected)).toMatchObject({
      kind: 'aborted',
      outcome: 'failed',
      code: 'interrupted',
      message: expect.stringContaining('KSampler'),
    });
    expect(job.ended.count).toBe(1);
  });

  it('and from jobs that somebody deleted from the queue', async () => {
    const backend = backendWith();
    const job = await queueJob(backend);
    const collected = failure(backend.collect(job.handle, job.context));
    await call('/queue', { delete: [job.handle.jobId] });
    expect(await collected).toMatchObject({
      kind: 'job-failed',
      outcome: 'failed',
      code: 'job-deleted',
      retryable: false,
    });
  });

  it('are lost when the server was restarted, unless their file is there', async () => {
    const backend = backendWith();
    const lost = await runningJob(backend);
    emulator.restart();
    expect(await failure(lost.collected)).toMatchObject({
      kind: 'job-failed',
      outcome: 'lost',
      code: 'job-gone',
      retryable: true,
    });
    emulator.set({ jobMs: 0 });
    const { handle, images } = await generate(backend);
    emulator.restart();
    const job = startJob(backend);
    const result = await backend.collect(handle, job.context);
    expect(job.images.get(0)).toEqual(images.get(0));
    expect(result.warnings?.at(-1)?.message).toContain('restarted');
    expect(await backend.locate!(handle.key, job.context)).toBe('found');
  });
});

describe('cancelling', () => {
  it.each(['0.33.0', '0.3.64'])('takes a job out of the queue, or stops it (version %s)', async (version) => {
    emulator.set({ version });
    const backend = backendWith();
    const running = await runningJob(backend);
    await backend.cancel!(running.handle, running.context);
    expect(await failure(running.collected)).toMatchObject({ kind: 'aborted', outcome: 'failed', code: 'cancelled' });
    const pending = await queueJob(backend);
    const collected = failure(backend.collect(pending.handle, pending.context));
    await backend.cancel!(pending.handle, pending.context);
    expect(await collected).toMatchObject({ kind: 'aborted', outcome: 'failed', code: 'cancelled' });
    // What is over stays as it is.
    await backend.cancel!(running.handle, running.context);
    expect(emulator.ledger.entries.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });

  it("never interrupts somebody else's job", async () => {
    const backend = backendWith();
    const other = await runningJob(backendWith());
    const done = await queueJob(backend);
    await backend.cancel!(done.handle, done.context);
    expect(emulator.ledger.entry(other.handle.jobId)?.state).toBe('accepted');
    emulator.set({ version: '0.3.50' });
    expect(await failure(backendWith().cancel!(other.handle, other.context))).toMatchObject({
      outcome: 'accepted',
      message: expect.stringContaining('0.3.57'),
    });
    expect(emulator.ledger.entry(other.handle.jobId)?.state).toBe('accepted');
    const told = backendWith({ interruptAnything: true });
    await told.cancel!(other.handle, other.context);
    expect(await failure(other.collected)).toMatchObject({ kind: 'aborted' });
  });

  it('leaves the job alone when only the collecting was aborted', async () => {
    const backend = backendWith();
    const job = await runningJob(backend, 150);
    job.abort.abort();
    expect(await failure(job.collected)).toMatchObject({ kind: 'aborted', outcome: 'accepted' });
    await backend.collect(job.handle, startJob(backend).context);
    expect(emulator.ledger.submissions).toBe(1);
  });
});

describe('submitting', () => {
  it('that ends without an answer is unknown, and can be located', async () => {
    const backend = backendWith();
    emulator.setFaults([
      { operation: 'submit', script: [{ kind: 'reset-after-accept' }, { kind: 'reset-before-accept' }] },
    ]);
    const arrived = startJob(backend);
    expect(await failure(backend.submit(imageRequest(), arrived.context))).toMatchObject({
      kind: 'unavailable',
      outcome: 'unknown',
      retryable: true,
    });
    expect(await backend.locate!(arrived.context.key, arrived.context)).toBe('found');
    const result = await backend.collect(backend.handleFor!(arrived.context.key, arrived.context), arrived.context);
    expect(result.images[0]?.seed).toBeTypeOf('number');
    const vanished = startJob(backend);
    expect(await failure(backend.submit(imageRequest(), vanished.context))).toMatchObject({ outcome: 'unknown' });
    expect(await backend.locate!(vanished.context.key, vanished.context)).toBe('absent');
    expect(emulator.ledger).toMatchObject({ submissions: 2, accepted: 1 });
  });

  it('looks twice before it says absent', async () => {
    const backend = backendWith();
    const job = startJob(backend);
    const looks = emulator.ledger.polls;
    expect(await backend.locate!(job.context.key, job.context)).toBe('absent');
    expect(emulator.ledger.polls - looks).toBeGreaterThanOrEqual(2);
    emulator.set({ version: '0.3.40' });
    expect(await failure(backendWith().locate!(job.context.key, job.context))).toMatchObject({
      outcome: 'unknown',
      message: expect.stringContaining('0.3.45'),
    });
    emulator.setFaults([{ kind: 'http-status', status: 502 }]);
    expect(await failure(backend.locate!(job.context.key, job.context))).toMatchObject({ kind: 'unavailable' });
  });

  it('is refused in words that help', async () => {
    const graph = standardGraph();
    graph['4']!.inputs['ckpt_name'] = 'other.safetensors';
    expect(await failure(generate(backendWith({ workflow: graph })))).toMatchObject({
      kind: 'invalid-request',
      outcome: 'rejected',
      code: 'prompt_outputs_failed_validation',
      message: expect.stringContaining(
        'ckpt_name = "other.safetensors" is not there; the server has: emulator-checkpoint.safetensors',
      ),
    });
    const custom = { ...plainGraph(), '1': { class_type: 'FancyNode', inputs: { width: 1 } } };
    for (const version of ['0.33.0', '0.3.64']) {
      emulator.set({ version });
      expect(await failure(generate(backendWith({ workflow: custom })))).toMatchObject({
        kind: 'unsupported',
        outcome: 'rejected',
        message: expect.stringMatching(/FancyNode.*custom node/),
      });
    }
    const missing = {
      ...plainGraph(),
      '1': { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1 } },
    };
    expect(await failure(generate(backendWith({ workflow: missing })))).toMatchObject({
      message: expect.stringContaining('node 1 (EmptyImage): Required input is missing: color'),
    });
  });

  it('that the server took only in part is a warning, or a failure when the result is gone', async () => {
    const workflow = { ...plainGraph(), '3': { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } } };
    const done = await generate(backendWith({ workflow }));
    expect(done.result.warnings?.[1]).toMatchObject({
      feature: 'workflow',
      message: expect.stringContaining('node 3 (SaveImage): Required input is missing: images'),
    });
    const preview = {
      ...plainGraph(),
      '3': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
      '2': { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } },
    };
    expect(await failure(generate(backendWith({ workflow: preview })))).toMatchObject({
      kind: 'invalid-request',
      outcome: 'failed',
      code: 'outputs-dropped',
    });
  });

  it('stops before the wire when it is aborted', async () => {
    const backend = backendWith();
    const job = startJob(backend);
    job.abort.abort();
    expect(await failure(backend.submit(imageRequest(), job.context))).toMatchObject({
      kind: 'aborted',
      outcome: 'not-submitted',
    });
    expect(emulator.ledger.submissions).toBe(0);
  });
});

describe('downloads', () => {
  it('that break or are cut short can be repeated', async () => {
    const backend = backendWith();
    emulator.setFaults([{ operation: 'view', script: [{ kind: 'truncate' }, { kind: 'http-status', status: 503 }] }]);
    const job = startJob(backend);
    const handle = await backend.submit(imageRequest(), job.context);
    expect(await failure(backend.collect(handle, job.context))).toMatchObject({ outcome: 'accepted', retryable: true });
    expect(await failure(backend.collect(handle, job.context))).toMatchObject({
      kind: 'unavailable',
      outcome: 'accepted',
      retryable: true,
    });
    await backend.collect(handle, job.context);
    expect(job.images.size).toBe(1);
  });
});

describe('handles and lanes', () => {
  it('keep a job on its own server, and refuse handles of others', async () => {
    const second = await startComfyUIEmulator({ jobMs: 0 });
    const backend = createBackend({ urls: [emulator.url, second.url] });
    backends.push(backend);
    const done = await generate(backend, {}, startJob(backend, { lane: 1 }));
    expect([emulator.ledger.accepted, second.ledger.accepted]).toEqual([0, 1]);
    expect(done.handle.lane).toBe(backend.lanes[1]!.id);
    const only = backendWith();
    expect(await failure(only.collect(done.handle, startJob(only).context))).toMatchObject({
      outcome: 'accepted',
      message: expect.stringContaining('another ComfyUI server'),
    });
    const report = await backend.probe({ signal: AbortSignal.timeout(5000) });
    expect(report).toMatchObject({ status: 'ready', details: { servers: 2, serversReady: 2 } });
    await second.close();
    expect(await backend.probe({ signal: AbortSignal.timeout(5000) })).toMatchObject({
      status: 'ready',
      details: { serversReady: 1 },
      message: expect.stringContaining('cannot be reached'),
    });
  });
});
