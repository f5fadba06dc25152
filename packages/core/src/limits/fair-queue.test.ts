import PQueue from 'p-queue';
import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';
import type { FairQueueOptions } from './fair-queue.ts';

function order(tasks: readonly [string, FairQueueOptions?][]): string[] {
  const queue = new FairQueue();
  const names = new Map<() => Promise<unknown>, string>();
  for (const [name, options] of tasks) {
    const run = (): Promise<void> => Promise.resolve();
    names.set(run, name);
    queue.enqueue(run, options);
  }
  return Array.from({ length: queue.size }, () => names.get(queue.dequeue() as () => Promise<unknown>) as string);
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
    const run = (): Promise<void> => Promise.resolve();
    for (let index = 0; index < 100_000; index += 1) queue.enqueue(run, { scope: `s${index % 3}` });
    let served = 0;
    while (queue.dequeue() !== undefined) served += 1;
    expect([served, queue.size]).toEqual([100_000, 0]);
  });

  it('does what p-queue needs: priorities change, an abort removes', async () => {
    const queue = new PQueue<FairQueue, FairQueueOptions>({ concurrency: 1, queueClass: FairQueue });
    const served: string[] = [];
    const first = Promise.withResolvers<void>();
    const abort = new AbortController();
    const add = (name: string, options: FairQueueOptions = {}): Promise<unknown> =>
      queue.add(
        () => {
          served.push(name);
          return Promise.resolve();
        },
        { id: name, ...options },
      );
    const all = [queue.add(() => first.promise), add('a'), add('b'), add('c')];
    const gone = add('gone', { signal: abort.signal } as FairQueueOptions);
    expect([queue.size, queue.sizeBy({ priority: 0 })]).toEqual([4, 4]);
    abort.abort(new Error('no longer wanted'));
    await expect(gone).rejects.toThrow('no longer wanted');
    queue.setPriority('c', 1);
    expect(() => queue.setPriority('nobody', 1)).toThrow('nobody');
    first.resolve();
    await Promise.all(all);
    expect(served).toEqual(['c', 'a', 'b']);
  });
});
