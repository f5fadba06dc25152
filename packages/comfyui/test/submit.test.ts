import { describe, expect, it } from 'vitest';
import { backendWith, emulator, useEmulator } from './support/emulator-jobs.ts';
import { failure, generate, imageRequest, startJob } from './support/harness.ts';
import { plainGraph, standardGraph } from './support/graphs.ts';

useEmulator();

describe('submitting', () => {
  it('without an answer is unknown, and can be located', async () => {
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

  it.each([
    [['9', 0], 'node 2 (SaveImage) has a link to node "9", which the workflow does not have'],
    [[1, 0], 'node 2 (SaveImage) has a link to node 1 by a number: write the id as text, "1"'],
    [['1', 5], 'node 2 (SaveImage) has a link to an output that the other node does not have'],
  ])('names the link %j that leads nowhere', async (link, words) => {
    const graph = plainGraph();
    graph['2']!.inputs['images'] = link;
    expect(await failure(generate(backendWith({ workflow: graph })))).toMatchObject({
      kind: 'invalid-request',
      outcome: 'rejected',
      message: expect.stringContaining(words),
    });
  });

  it('checks twice before it says absent', async () => {
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

  it('is refused with a helpful message', async () => {
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

  it('that the server accepted only in part is a warning, or a failure if the result is missing', async () => {
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

  it('is not sent if it is aborted before', async () => {
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
