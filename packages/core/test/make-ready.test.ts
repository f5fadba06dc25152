import { expect, it } from 'vitest';
import { systemClock } from '../src/backend.ts';
import { ScriptedBackend } from './support/scripted-backend.ts';
import { start, useOutputDir } from './support/scripted-client.ts';

useOutputDir();

const timeoutMs = 123_456;

/** What happens to a task of a backend that loads so, in order. */
async function happenings(load: () => Promise<void>): Promise<readonly string[]> {
  const seen: string[] = [];
  const backend = Object.assign(new ScriptedBackend(), {
    makeReady: async () => {
      await load();
      seen.push('loaded');
    },
  });
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (ms === timeoutMs) seen.push('deadline starts');
    return systemClock.sleep(ms, signal);
  };
  const beforeSubmit = (): void => void seen.push('submission starts');
  const options = { timeoutMs, beforeSubmit, internal: { clock: { ...systemClock, sleep } } };
  const { client } = start({}, options, backend);
  const result = await client.generate({ prompt: 'a cat' });
  seen.push(result.success ? 'done' : result.error.message);
  return seen;
}

it('a backend loads what it needs before the deadline and the submission of a task start', async () => {
  const slowly = (): Promise<void> => systemClock.sleep(5);
  expect(await happenings(slowly)).toEqual(['loaded', 'deadline starts', 'submission starts', 'done']);
});

it('whether what could not be loaded is needed shows at the submission', async () => {
  const never = (): Promise<void> => Promise.reject(new Error('There is no SDK.'));
  expect(await happenings(never)).toEqual(['deadline starts', 'submission starts', 'done']);
});
