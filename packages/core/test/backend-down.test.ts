import { describe, expect, it } from 'vitest';
import type { GenerationResult } from '../src/index.ts';
import { fault } from './support/scripted-backend.ts';
import { start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

describe('a backend that is down', () => {
  it('is left alone after eight faults in a row, waited for while the outage is young, and given up when it is old', async () => {
    let now = 0;
    const sleeps: number[] = [];
    // Time passes only by sleeping, so that nothing here depends on how fast the machine is.
    const clock = {
      now: () => now,
      monotonic: () => now,
      sleep: async (ms: number, signal?: AbortSignal) => {
        signal?.throwIfAborted();
        if (ms >= 300_000)
          return new Promise<void>((_resolve, reject) =>
            signal?.addEventListener('abort', () => reject(new Error('stopped'))),
          );
        sleeps.push(ms);
        now += ms;
        await new Promise((resolve) => setImmediate(resolve));
        return undefined;
      },
    };
    const { client, backend } = start(
      { submit: Array.from({ length: 1000 }, () => fault({})) },
      { internal: { clock } },
    );
    const results: GenerationResult[] = [];
    for (let index = 0; index < 20; index += 1)
      results.push(await client.generate({ prompt: 'a cat', taskId: `t${index}` }));
    expect(results.every((result) => !result.success && result.error.outcome === 'not-submitted')).toBe(true);
    expect(results.at(-1)).toMatchObject({ error: { code: 'circuit-open' } });
    expect(sleeps.filter((ms) => ms > 9000).length).toBeGreaterThan(0);
    expect(backend.submissions).toBeLessThan(30);
  });
});
