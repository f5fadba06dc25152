import { expect, it } from 'vitest';
import { ImageClient } from '../src/index.ts';
import { isSilent, systemClock } from '../src/backend.ts';
import { fault, ScriptedBackend } from './support/scripted-backend.ts';

const never = (): Promise<never> => new Promise(() => undefined);

/** What a client says whose probe is answered so, and whose deadline ends so. */
async function probed(answer: () => Promise<never>, deadline: () => Promise<void>): ReturnType<ImageClient['probe']> {
  const backend = Object.assign(new ScriptedBackend(), { probe: answer });
  const clock = { ...systemClock, sleep: deadline };
  const client = new ImageClient(backend, { internal: { clock } });
  const report = await client.probe();
  await client.close();
  return report;
}

it('a probe that times out is unknown, and says so', async () => {
  const report = await probed(never, () => Promise.resolve());
  expect(report).toMatchObject({ status: 'unknown', errorKind: 'timeout', remedy: expect.any(String) });
  expect(report.message).toContain('within 3000 ms');
  expect(isSilent(report)).toBe(true);
});

it('a refused connection is down', async () => {
  const report = await probed(() => Promise.reject(fault({ message: 'Could not connect.' })), never);
  expect(report).toMatchObject({ status: 'down', errorKind: 'unavailable', message: 'Could not connect.' });
  expect(isSilent(report)).toBe(false);
});
