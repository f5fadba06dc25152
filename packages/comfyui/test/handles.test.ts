import { startComfyUIEmulator } from '@holodeck/emulators';
import { describe, expect, it } from 'vitest';
import { backends, backendWith, emulator, useEmulator } from './support/emulator-jobs.ts';
import { createBackend, failure, generate, startJob } from './support/harness.ts';

useEmulator();

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
    const report = await backend.probe({ signal: new AbortController().signal });
    expect(report).toMatchObject({ status: 'ready', details: { servers: 2, serversReady: 2 } });
    await second.close();
    expect(await backend.probe({ signal: new AbortController().signal })).toMatchObject({
      status: 'ready',
      details: { serversReady: 1 },
      message: expect.stringContaining('cannot be reached'),
    });
  });
});
