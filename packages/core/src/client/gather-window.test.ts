import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { TaskEvent } from '../tasks/task-event.ts';
import { GatherWindow, gatherWindow } from './gather-window.ts';

const lane = { id: 'lane', label: 'lane', defaultMaxConcurrent: 10 };

it('draws only so many tasks ahead of those that were accepted or are over', async () => {
  const window = new GatherWindow(2);
  const begun: string[] = [];
  const told: string[] = [];
  const ends = new Map<string, { accept: () => void; end: () => void }>();
  const results = window.all(
    ['a', 'b', 'c', 'd'],
    { onProgress: ({ taskId }) => told.push(taskId) },
    (taskId, { onProgress }) => {
      begun.push(taskId);
      const { promise, resolve } = Promise.withResolvers<string>();
      const accepted: TaskEvent = { type: 'state', taskId, state: 'accepted', attempt: 1 };
      ends.set(taskId, { accept: () => onProgress?.(accepted), end: () => resolve(taskId.toUpperCase()) });
      return promise;
    },
  );
  await turn();
  expect(begun).toEqual(['a', 'b']);
  ends.get('b')?.accept();
  await turn();
  expect(begun).toEqual(['a', 'b', 'c']);
  // It has left already: its end makes no more room.
  ends.get('b')?.end();
  await turn();
  expect(begun).toEqual(['a', 'b', 'c']);
  ends.get('a')?.end();
  await turn();
  expect([begun, told]).toEqual([['a', 'b', 'c', 'd'], ['b']]);
  for (const { end } of ends.values()) end();
  expect(await results).toEqual(['A', 'B', 'C', 'D']);
});

it('is there where a lane that takes submissions gathers them', () => {
  expect(gatherWindow({ lanes: [lane] })).toBeUndefined();
  expect(gatherWindow({ lanes: [lane, { ...lane, gathers: 5, collectOnly: true }] })).toBeUndefined();
  expect(gatherWindow({ lanes: [{ ...lane, gathers: 5 }, lane] })).toBeInstanceOf(GatherWindow);
});
