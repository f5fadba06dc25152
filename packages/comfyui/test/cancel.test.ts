import { describe, expect, it } from 'vitest';
import { backendWith, emulator, queueJob, runningJob, useEmulator } from './support/emulator-jobs.ts';
import { failure, startJob } from './support/harness.ts';

useEmulator();

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
    // A finished job stays finished.
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
    const anything = backendWith({ interruptAnything: true });
    await anything.cancel!(other.handle, other.context);
    expect(await failure(other.collected)).toMatchObject({ kind: 'aborted' });
  });

  it('does not cancel the job if only collecting was aborted', async () => {
    const backend = backendWith();
    const job = await runningJob(backend, 150);
    job.abort.abort();
    expect(await failure(job.collected)).toMatchObject({ kind: 'aborted', outcome: 'accepted' });
    await backend.collect(job.handle, startJob(backend).context);
    expect(emulator.ledger.submissions).toBe(1);
  });
});
