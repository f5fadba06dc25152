import { describe, expect, it } from 'vitest';
import { backendWith, emulator, useEmulator } from './support/emulator-jobs.ts';
import { failure, imageRequest, startJob } from './support/harness.ts';

useEmulator();

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
