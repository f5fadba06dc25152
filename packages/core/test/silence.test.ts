import { setImmediate as immediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { StandingClock } from '../../../test/support/standing-clock.ts';
import { until } from '../../../test/support/until.ts';
import { ImageClient } from '../src/index.ts';
import type { ImageBackend } from '../src/index.ts';
import type { JobContext, JobHandle } from '../src/backend.ts';
import { fault, ScriptedBackend } from './support/scripted-backend.ts';

const minute = 60_000;

/** A free job that waits in a queue at one place: its first collections fail, the next one says the same every 4 minutes. */
class WaitingBackend extends ScriptedBackend {
  readonly #clock: StandingClock;
  readonly #faults: number;
  begun = 0;

  constructor(clock: StandingClock, faults: number) {
    super({ capabilities: { progress: 'push', billable: false } });
    this.#clock = clock;
    this.#faults = faults;
  }

  override async collect(handle: JobHandle, context: JobContext): ReturnType<ImageBackend['collect']> {
    this.begun += 1;
    context.onProgress?.({ type: 'queued', position: 1 });
    if (this.begun <= this.#faults) throw fault({ outcome: 'accepted' });
    for (let told = 0; told < 4; told += 1) {
      this.#clock.advance(4 * minute);
      // Only now can the deadline see it.
      await immediate();
      context.signal.throwIfAborted();
      context.onProgress?.({ type: 'queued', position: 1 });
    }
    return super.collect(handle, context);
  }
}

async function run(faults: number): Promise<{ result: unknown; begun: number }> {
  const clock = new StandingClock();
  const backend = new WaitingBackend(clock, faults);
  const client = new ImageClient(backend, { internal: { clock }, timeoutMs: 5 * minute });
  let result: unknown;
  void client.generate({ prompt: 'a lighthouse', size: '64x64' }).then((ended) => (result = ended));
  await until(() => {
    clock.advance(minute / 6);
    return result !== undefined;
  });
  await client.close();
  return { result, begun: backend.begun };
}

it('does not end a job that waits at one place for long after two faults', async () => {
  expect(await run(2)).toMatchObject({ result: { success: true }, begun: 3 });
});

it('ends a job whose collection fails again and again, although each one begins with a sign', async () => {
  const { result } = await run(Infinity);
  expect(result).toMatchObject({ success: false, error: { kind: 'timeout', outcome: 'accepted' } });
});
