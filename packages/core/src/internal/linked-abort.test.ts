import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { LinkedAbort } from './linked-abort.ts';

describe('a linked abort', () => {
  it('follows the first of its sources, with its reason', () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const linked = new LinkedAbort([one.signal, undefined, other.signal]);
    other.abort(new Error('other'));
    one.abort(new Error('one'));
    expect(linked.signal.reason).toEqual(new Error('other'));
  });

  it('is aborted at once by a source that is', () => {
    const reason = new Error('over');
    const { signal } = new LinkedAbort([new AbortController().signal, AbortSignal.abort(reason)]);
    expect(signal.reason).toBe(reason);
  });

  it('stops following once it is released, also by another follower', () => {
    const source = new AbortController();
    const [first, second, third] = [0, 1, 2].map(() => new LinkedAbort([source.signal])) as [
      LinkedAbort,
      LinkedAbort,
      LinkedAbort,
    ];
    third.release();
    first.signal.addEventListener('abort', () => second.release());
    source.abort();
    expect([first, second, third].map(({ signal }) => signal.aborted)).toEqual([true, false, false]);
  });

  it('adds one listener to its source for all followers, and none without followers', () => {
    const { signal } = new AbortController();
    const links = Array.from({ length: 100 }, () => new LinkedAbort([signal]));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const link of links) link.release();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
