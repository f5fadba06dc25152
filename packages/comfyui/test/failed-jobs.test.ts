import { describe, expect, it } from 'vitest';
import { backendWith, call, emulator, queueJob, runningJob, useEmulator } from './support/emulator-jobs.ts';
import { failure, generate, startJob } from './support/harness.ts';
import { meshGraph, pictureBeside, plainGraph, standardGraph } from './support/graphs.ts';

useEmulator();

describe('jobs without a result', () => {
  it('fail with the message of the failing node', async () => {
    emulator.setFaults([{ kind: 'fail-job', operation: 'run', code: 'ValueError', message: 'bad\n  latent\n' }]);
    const error = await failure(generate(backendWith()));
    expect(error).toMatchObject({ kind: 'job-failed', outcome: 'failed', retryable: false, code: 'ValueError' });
    expect(error.message).toMatch(
      /failed on 127\.0\.0\.1:\d+ in node 4 \(CheckpointLoaderSimple\): bad latent \(ValueError\)/,
    );
  });

  it('say what helps if the graphics memory is full', async () => {
    emulator.setFaults([
      { kind: 'fail-job', operation: 'run', code: 'torch.OutOfMemoryError', message: 'Allocation on device' },
    ]);
    expect(await failure(generate(backendWith()))).toMatchObject({
      kind: 'job-failed',
      retryable: true,
      message: expect.stringContaining('smaller size'),
    });
  });

  it('say that encoder and model are of two families, and that a VAE does not fit', async () => {
    const pairs = {
      diffusion_models: ['flux-2-klein-9b-fp8.safetensors'],
      text_encoders: ['qwen_3_4b.safetensors', 'qwen_3_8b.safetensors'],
      vae: ['ae.safetensors'],
    };
    emulator.set({ models: pairs });
    const workflow = (encoder: string): Record<string, unknown> => ({
      ...standardGraph(),
      '4': { class_type: 'UNETLoader', inputs: { unet_name: pairs.diffusion_models[0], weight_dtype: 'default' } },
      '10': { class_type: 'CLIPLoader', inputs: { clip_name: encoder, type: 'flux2' } },
      '11': { class_type: 'VAELoader', inputs: { vae_name: 'ae.safetensors' } },
      '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a bottle', clip: ['10', 0] } },
      '7': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['10', 0] } },
      '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['11', 0] } },
    });
    const mixed = await failure(generate(backendWith({ workflow: workflow('qwen_3_4b.safetensors') })));
    expect(mixed.message).toMatch(/mat1 and mat2 shapes.*\(RuntimeError\): the text encoder .* is of another family/);
    const decoded = await failure(generate(backendWith({ workflow: workflow('qwen_3_8b.safetensors') })));
    expect(decoded.message).toMatch(/node 8 \(VAEDecode\): Given groups=1/);
  });

  it('continue past a blocked branch with a warning, or fail if it was the only one', async () => {
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

  it('say what they made where none of it is an image; beside an image it is a warning', async () => {
    const meshes = meshGraph();
    expect(await failure(generate(backendWith({ workflow: meshes })))).toMatchObject({
      kind: 'job-failed',
      outcome: 'failed',
      code: 'no-images',
      message: expect.stringMatching(
        /made only files that are not images: \S+_00001_\.glb\. They stay.*needs an image/,
      ),
    });
    const both = { ...meshes, ...pictureBeside() };
    const done = await generate(backendWith({ workflow: both }));
    expect(done.result.images).toHaveLength(1);
    const warning = done.result.warnings?.find(({ messageId }) => messageId === 'comfyui.other-files');
    expect(warning?.message).toMatch(/ \S+_00001_\.glb\. They stay in the output folder of 127/);
    const [filename = '', subfolder = ''] = (warning!.params!['files'] as string).split('/').toReversed();
    const query = new URLSearchParams({ filename, subfolder, type: 'output' });
    const file = await fetch(`${emulator.url}/view?${query.toString()}`);
    expect(Buffer.from(await file.arrayBuffer()).toString('latin1', 0, 4)).toBe('glTF');
  });

  it('differ from jobs that another user interrupted', async () => {
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

  it('and from jobs that another user deleted from the queue', async () => {
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

  it('are lost if the server was restarted, unless their file exists', async () => {
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

  it('are lost after a restart unless every picture of the result is still there', async () => {
    const inverted = { class_type: 'ImageInvert', inputs: { image: ['1', 0] } };
    const saved = { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'b' } };
    const backend = backendWith({ workflow: { ...plainGraph(), '3': inverted, '4': saved } });
    const { handle, images } = await generate(backend);
    emulator.restart();
    const again = startJob(backend);
    await backend.collect(handle, again.context);
    expect([...again.images]).toEqual([...images]);
    const key = { ...startJob(backend).context, key: handle.key };
    const unanswered = startJob(backend);
    await backend.collect(backend.handleFor!(handle.key, key), unanswered.context);
    expect([...unanswered.images]).toEqual([...images]);
    expect(emulator.deleteFile({ filename: `${handle.key}-2_00001_.png`, subfolder: '', type: 'output' })).toBe(true);
    for (const part of [handle, backend.handleFor!(handle.key, key)]) {
      expect(await failure(backend.collect(part, startJob(backend).context))).toMatchObject({ code: 'job-gone' });
    }
  });

  it('are lost after a restart where the result is kept by no file, whatever else was saved', async () => {
    const preview = { class_type: 'PreviewImage', inputs: { images: ['1', 0] }, _meta: { title: '@output' } };
    const backend = backendWith({ workflow: { ...plainGraph(), '3': preview } });
    const { handle } = await generate(backend);
    emulator.restart();
    expect(await failure(backend.collect(handle, startJob(backend).context))).toMatchObject({
      outcome: 'lost',
      code: 'job-gone',
    });
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

  it('say what LoadImage needs if the job has no reference', async () => {
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
