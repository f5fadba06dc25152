import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';
import type { FairQueueOptions } from './fair-queue.ts';

function order(tasks: readonly [string, FairQueueOptions?][]): string[] {
  const queue = new FairQueue();
  const names = new Map<() => void, string>();
  for (const [name, options] of tasks) {
    const run = (): void => undefined;
    names.set(run, name);
    queue.enqueue(run, options);
  }
  return Array.from({ length: queue.size }, () => names.get(queue.dequeue() as () => void) as string);
}

describe('FairQueue', () => {
  it('serves one scope in the order of arrival', () => {
    expect(order([['a'], ['b'], ['c']])).toEqual(['a', 'b', 'c']);
  });

  it('lets scopes take turns, so that a small session does not wait for a large one', () => {
    const large = Array.from({ length: 5 }, (_, index): [string, FairQueueOptions] => [`l${index}`, { scope: 'l' }]);
    expect(order([...large, ['s0', { scope: 's' }], ['s1', { scope: 's' }]])).toEqual([
      'l0',
      's0',
      'l1',
      's1',
      'l2',
      'l3',
      'l4',
    ]);
  });

  it('puts priority before fairness', () => {
    expect(
      order([
        ['low', { priority: -1, scope: 'a' }],
        ['a', { scope: 'a' }],
        ['b', { scope: 'b' }],
        ['high', { priority: 5, scope: 'a' }],
      ]),
    ).toEqual(['high', 'a', 'b', 'low']);
  });

  it('stays cheap with many waiting tasks', () => {
    const queue = new FairQueue();
    const run = (): void => undefined;
    for (let index = 0; index < 100_000; index += 1) queue.enqueue(run, { scope: `s${index % 3}` });
    let served = 0;
    while (queue.dequeue() !== undefined) served += 1;
    expect([served, queue.size]).toEqual([100_000, 0]);
  });

  it('removes a task that no longer waits, and leaves what has begun', () => {
    const queue = new FairQueue();
    const served: string[] = [];
    const add = (name: string, options: FairQueueOptions): (() => void) => {
      const begin = (): void => void served.push(name);
      queue.enqueue(begin, options);
      return begin;
    };
    const [a, , b] = [add('a', { scope: 's' }), add('c', { scope: 's' }), add('b', { scope: 't', priority: 1 })];
    queue.dequeue()?.();
    queue.remove(b, { scope: 't', priority: 1 });
    queue.remove(a, { scope: 't' });
    expect([served, queue.size]).toEqual([['b'], 2]);
    queue.remove(a, { scope: 's' });
    queue.dequeue()?.();
    expect([served, queue.size, queue.dequeue()]).toEqual([['b', 'c'], 0, undefined]);
  });
});
