import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { AssetResult, HybridClient, HybridSettings } from '../src/index.ts';
import { FakeService, faults } from './support/fake-service.ts';
import { HandClock } from './support/hand-clock.ts';
import { hybrid, scene } from './support/hybrid.ts';
import { outputFolder } from './support/output-folder.ts';

const timeoutMs = 123_456;
const waitMs = 600_000;
/** How long the driver waits for the answer to a sent submission after the deadline. */
const graceMs = 5000;
/** The first polling interval. */
const pauseMs = 1000;

interface Waiting {
  readonly client: HybridClient;
  readonly service: FakeService;
  readonly clock: HandClock;
}

/** A session with a scene reference whose cards wait for their backend, on a clock that the test moves. */
async function waiting(settings: HybridSettings = {}): Promise<Waiting> {
  const service = new FakeService('first');
  const clock = new HandClock();
  const client = hybrid(await outputFolder(), [service], {
    onLockedBackendDown: 'wait',
    waitMs,
    client: { maxAttempts: 1, retryBaseMs: 1, retryMaxMs: 20, timeoutMs },
    ...settings,
    internal: { clock },
  });
  await client.generateSceneReference(scene);
  return { client, service, clock };
}

function card(client: HybridClient, name: string, signal?: AbortSignal): Promise<AssetResult> {
  const object = { id: name, name };
  return client.generateObjectCard({ sessionId: 's', object }, signal === undefined ? {} : { signal });
}

/** Resolves when so many events `waiting` are in the session's story. */
async function waits(client: HybridClient, count: number): Promise<void> {
  let seen = 0;
  for await (const { type } of client.session('s').events()) if (type === 'waiting' && (seen += 1) === count) return;
}

/** The next submission waits until the test answers it. */
function held(service: FakeService): { readonly sent: Promise<unknown>; readonly answer: (isTaken: boolean) => void } {
  const sent = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<boolean>();
  service.onSubmit = async (_request, _ordinal, signal) => {
    sent.resolve();
    const isTaken = await Promise.race([answer.promise, once(signal, 'abort').then(() => undefined)]);
    if (isTaken === undefined) return { kind: 'timeout', outcome: 'unknown', message: 'No answer.' };
    return isTaken ? undefined : faults.limited;
  };
  return { sent: sent.promise, answer: answer.resolve };
}

describe('a card that waits', () => {
  it("keeps waiting when its deadline passes during another card's pause, and is made in the end", async () => {
    const { client, service, clock } = await waiting();
    const next = { ...held(service) };
    const { onSubmit } = service;
    service.onSubmit = () => {
      service.onSubmit = onSubmit;
      return faults.limited;
    };
    const lamp = card(client, 'lamp');
    await next.sent;
    // The lamp's second submission tests whether the pause is over; all others wait for its result.
    const bowl = card(client, 'bowl');
    // The lamp's deadline passes first; its submission is on the wire, and gets extra time.
    await clock.end(timeoutMs);
    await clock.end(timeoutMs);
    await waits(client, 1);
    service.onSubmit = () => undefined;
    next.answer(true);
    expect(await lamp).toMatchObject({ success: false, error: { kind: 'timeout', outcome: 'accepted' } });
    await clock.end(pauseMs);
    expect(await bowl).toMatchObject({ success: true, backend: 'first' });
    expect(await card(client, 'lamp')).toMatchObject({ success: true });
    expect(service.submissions).toBe(4);
  });

  const orders: readonly (readonly [string, (waiting: Waiting) => Promise<void>])[] = [
    [
      'the refusal before the deadline',
      async ({ service, clock }) => {
        const refused = Promise.withResolvers<void>();
        service.onSubmit = () => {
          refused.resolve();
          return faults.limited;
        };
        await refused.promise;
        await clock.end(timeoutMs);
      },
    ],
    [
      'the deadline before the refusal',
      async ({ service, clock }) => {
        const { sent, answer } = held(service);
        await sent;
        await clock.end(timeoutMs);
        await nextTurn();
        answer(false);
      },
    ],
  ];
  it.each(orders)('ends the same way: %s', async (_name, happens) => {
    const all = await waiting();
    const { client, service, clock } = all;
    const first = happens(all);
    const lamp = card(client, 'lamp');
    await first;
    await waits(client, 1);
    clock.pass(waitMs);
    service.onSubmit = () => faults.limited;
    await clock.end(pauseMs);
    await clock.end(timeoutMs);
    const result = await lamp;
    expect(result).toMatchObject({ success: false, error: { kind: 'rate-limit', outcome: 'rejected' } });
    expect(!result.success && result.error.message).toContain('Choices:');
  });

  it('does not wait if the answer never comes: it may have been paid', async () => {
    const { client, service, clock } = await waiting();
    const { sent } = held(service);
    const lamp = card(client, 'lamp');
    await sent;
    await clock.end(timeoutMs);
    await clock.end(graceMs);
    expect(await lamp).toMatchObject({ success: false, error: { kind: 'timeout', outcome: 'unknown' } });
  });
});

describe('the caller ends at once', () => {
  const aborted = { success: false, error: { kind: 'aborted', outcome: 'not-submitted' } };

  it('the pause between two polls', async () => {
    const { client, service } = await waiting();
    service.status = 'down';
    service.onSubmit = () => faults.unreachable;
    const stop = new AbortController();
    const lamp = card(client, 'lamp', stop.signal);
    await waits(client, 1);
    stop.abort();
    expect(await lamp).toMatchObject(aborted);
  });

  it('a probe without an answer', async () => {
    const { client, service, clock } = await waiting();
    service.onSubmit = () => faults.unreachable;
    const looked = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    service.onProbe = () => {
      looked.resolve();
      return never.promise;
    };
    const stop = new AbortController();
    const lamp = card(client, 'lamp', stop.signal);
    await clock.end(pauseMs);
    await looked.promise;
    stop.abort();
    expect(await lamp).toMatchObject(aborted);
    never.resolve();
  });

  it('the wait for another call that makes the same card', async () => {
    const { client, service } = await waiting();
    const { sent, answer } = held(service);
    const lamp = card(client, 'lamp');
    await sent;
    const stop = new AbortController();
    const again = card(client, 'lamp', stop.signal);
    await nextTurn();
    stop.abort();
    expect(await again).toMatchObject(aborted);
    answer(true);
    expect(await lamp).toMatchObject({ success: true });
  });

  it('the extra time for an answer after the deadline', async () => {
    const { client, service, clock } = await waiting();
    const { sent } = held(service);
    const stop = new AbortController();
    const lamp = card(client, 'lamp', stop.signal);
    await sent;
    await clock.end(timeoutMs);
    stop.abort();
    expect(await lamp).toMatchObject({ success: false, error: { outcome: 'unknown' } });
  });
});
