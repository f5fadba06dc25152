import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { prepareCard } from '../src/index.ts';
import { WorkerPool } from '../src/worker-pool.ts';
import { paint } from './painter.ts';
import { chair, lightGrey, object, on } from './shapes.ts';

// Threads of its own: those of the test process never end (test/support/card-threads.ts).
vi.resetModules();
const { openCardWorkers } = await import('../src/card-workers.ts');

/** Threads that this process runs. */
function threads(): number {
  return (process.report.getReport() as { readonly workers: readonly unknown[] }).workers.length;
}

describe('threads for cards', () => {
  it('do what prepareCard does, for all who opened them, and end with the last', async () => {
    const { bytes } = await paint(on(lightGrey, object(chair)));
    const [one, other] = [openCardWorkers(), openCardWorkers()];
    onTestFinished(async () => {
      await Promise.all([one.close(), other.close()]);
    });
    const before = threads();
    const here = await prepareCard(bytes);
    const [first, second] = await Promise.all([one.prepareCard(bytes), other.prepareCard(bytes)]);
    expect(first).toEqual({ ...here, bytes: expect.any(Uint8Array) });
    expect(Buffer.compare(first.bytes, here.bytes)).toBe(0);
    expect(Buffer.compare(second.bytes, here.bytes)).toBe(0);
    await one.close();
    await expect(one.prepareCard(bytes)).rejects.toThrow('closed');
    // Unchanged bytes are those that were given.
    expect((await other.prepareCard(first.bytes)).bytes).toBe(first.bytes);
    const running = other.prepareCard(bytes);
    expect(threads()).toBeGreaterThan(before);
    await Promise.all([expect(running).rejects.toThrow('closed'), other.close()]);
    expect(threads()).toBe(before);
  });

  it('bad options are refused as ever', async () => {
    const workers = openCardWorkers();
    await expect(workers.prepareCard(new Uint8Array(8), { side: 3 })).rejects.toMatchObject({
      kind: 'invalid-request',
      backend: 'cards',
    });
    expect((await workers.prepareCard(new Uint8Array(8))).gate.verdict).toBe('failed');
    await workers.close();
  });

  it('a thread that ends fails its own card only; the next card gets a new one', async () => {
    const pool = new WorkerPool(new URL('./failing-worker.ts', import.meta.url), 2);
    const run = (length: number): Promise<unknown> => pool.run({ bytes: new Uint8Array(length), options: {} });
    const results = await Promise.allSettled([run(0), run(2), run(0), run(3), run(1)]);
    expect(
      results.map((result) => (result.status === 'fulfilled' ? 'made' : (result.reason as Error).message)),
    ).toEqual([
      'The thread that worked on the card ended: exit code 3.',
      'made',
      'The thread that worked on the card ended: exit code 3.',
      'made',
      'no memory',
    ]);
    await pool.close();
    await expect(run(2)).rejects.toThrow('closed');
  });
});
