import { setImmediate as turn } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { EconomyProgress } from './economy-progress.ts';

it('says once for each answer of the service how far the batches are, since when and what they save', async () => {
  const notes: string[] = [];
  let nowMs = 0;
  let amount = 1;
  const note = (message: string): unknown => notes.push(message);
  const progress = new EconomyProgress(
    { note },
    0.25,
    () => [{ amount, currency: 'USD' }],
    () => nowMs,
  );
  const tasks = ['a', 'b', 'c', 'd'];
  amount = 1.5;
  for (const taskId of tasks) progress.onEvent({ type: 'state', taskId, state: 'accepted', attempt: 1 });
  await turn();
  nowMs = 150_000;
  for (const fraction of [0.5, 0.5, 0.75]) {
    const running = { type: 'running', fraction } as const;
    for (const taskId of tasks) progress.onEvent({ type: 'progress', taskId, progress: running });
    await turn();
  }
  expect(notes).toEqual([
    '4 submitted in batches, 0 of 4 done after 0 min; saves about 1.5 USD. Stop at any time: "resume" fetches them.',
    '4 submitted in batches, 2 of 4 done after 2 min; saves about 1.5 USD. Stop at any time: "resume" fetches them.',
    '4 submitted in batches, 3 of 4 done after 2 min; saves about 1.5 USD. Stop at any time: "resume" fetches them.',
  ]);
});
