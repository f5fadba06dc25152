import { describe, expect, it } from 'vitest';
import { backendWith, call, emulator, queueJob, runningJob, useEmulator } from './support/emulator-jobs.ts';
import { failure, generate, startJob } from './support/harness.ts';
import { plainGraph } from './support/graphs.ts';

useEmulator();

describe('jobs that bring nothing', () => {
  it('fail with the words of the node that raised', async () => {
    emulator.setFaults([{ kind: 'fail-job', operation: 'run', code: 'ValueError', message: 'bad\n  latent\n' }]);
    const error = await failure(generate(backendWith()));
    expect(error).toMatchObject({ kind: 'job-failed', outcome: 'failed', retryable: false, code: 'ValueError' });
    expect(error.message).toMatch(
      /failed on 127\.0\.0\.1:\d+ in node 4 \(CheckpointLoaderSimple\): bad latent \(ValueError\)/,
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

  it.each([
    ['0.33.0', '(node 3, "Face fix"), which the workflow needs. Install the pack comfyui-impact-pack'],
    ['0.3.64', '(node 3), which the workflow needs. Install the pack comfyui-impact-pack'],
  ])('name the node that the server lacks, by its class and its pack (ComfyUI %s)', async (version, words) => {
    emulator.set({ version });
    const fix = { class_type: 'FaceDetailer', inputs: { image: ['1', 0] }, _meta: { title: 'Face fix' } };
    const error = await failure(generate(backendWith({ workflow: { ...plainGraph(), '3': fix } })));
    expect(error).toMatchObject({ kind: 'unsupported', outcome: 'rejected' });
    expect(error.message).toContain(`has no node FaceDetailer ${words}`);
  });

  it('say what LoadImage wants when the job has no reference', async () => {
    const workflow = {
      '1': { class_type: 'LoadImage', inputs: { image: 'gone.png' } },
      '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'mine' } },
    };
    expect(await failure(generate(backendWith({ workflow })))).toMatchObject({
      kind: 'invalid-request',
      outcome: 'rejected',
      message: expect.stringMatching(/node 1 \(LoadImage\) wants the picture "gone\.png".*Give the job a reference/),
    });
  });
});
