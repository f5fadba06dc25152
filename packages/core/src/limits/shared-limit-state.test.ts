import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/stores/manual-clock.ts';
import { ImageError } from '../contract/index.ts';
import type { Lane } from '../contract/index.ts';
import { silentLogger } from '../internal/silent-logger.ts';
import { createMemoryPermits } from '../stores/memory/memory-permits.ts';
import { createOwner } from '../stores/owner.ts';
import type { PermitStore } from '../stores/permit-store.ts';
import { SubmissionGate } from './submission-gate.ts';
import { SharedLimitState } from './shared-limit-state.ts';
import type { SharedLimitStateOptions } from './shared-limit-state.ts';

const lane: Lane = { id: 'lane', label: 'lane', defaultMaxConcurrent: 1 };
const never = new AbortController().signal;
const pauseBaseMs = 1000;
const pauseMaxMs = 30_000;
const minute = 60_000;
const overloaded = new ImageError({ kind: 'unavailable', outcome: 'rejected', retryable: true, message: 'overloaded' });

/** Some clients of one account: their permits, and a clock for all. */
class Account {
  readonly clock = new ManualClock();
  readonly permits: PermitStore = createMemoryPermits({ internal: { clock: this.clock } });
  #keys = 0;

  client(options: Partial<SharedLimitStateOptions> = {}) {
    const { clock, permits } = this;
    const owner = createOwner().id;
    const given = { lane, maxConcurrent: 'auto', limitSignal: 'refusal', permits, owner, clock } as const;
    const rest = { random: () => 1, logger: silentLogger, pauseBaseMs, pauseMaxMs };
    const limitState = new SharedLimitState({ ...given, ...rest, ...options }, () => undefined);
    const gate = new SubmissionGate({ lane, limitState, permits, clock, pauseMaxMs });
    const permit = async (): Promise<string> => {
      const key = `key-${(this.#keys += 1)}`;
      await permits.tryAcquire({ lane: lane.id, limit: 99, key, owner });
      return key;
    };
    return { limitState, gate, permit };
  }

  /** A client that has found the limit: so many jobs are accepted, and one more is refused. */
  async found(limit: number): Promise<SharedLimitState> {
    const { limitState } = this.client();
    await limitState.recall();
    const now = this.clock.monotonic();
    for (let inFlight = 0; inFlight < limit; inFlight += 1)
      limitState.learnLimit((estimator) => estimator.accepted(now, inFlight));
    limitState.learnLimit((estimator) => estimator.refused(now, limit, 0));
    await limitState.settled();
    return limitState;
  }
}

describe('a limit that one client has found', () => {
  it('is where another client starts: it neither climbs to it nor is refused at it', async () => {
    const account = new Account();
    await account.found(3);
    await account.clock.advance(9 * minute);
    const { limitState } = account.client();
    await limitState.recall();
    expect([limitState.estimator.limit, limitState.estimator.learned, limitState.width]).toEqual([3, true, 3]);
  });

  it('reaches clients that are already running at their next look', async () => {
    const account = new Account();
    const { limitState } = account.client();
    await limitState.recall();
    await account.found(3);
    expect(limitState.width).toBe(2);
    await limitState.look();
    expect(limitState.width).toBe(3);
  });

  it('must be confirmed after the account was idle: one job more is tried, and nothing below it', async () => {
    const account = new Account();
    await account.found(3);
    await account.clock.advance(11 * minute);
    const { limitState } = account.client();
    await limitState.recall();
    const { estimator } = limitState;
    expect([estimator.limit, limitState.width]).toEqual([3, 4]);
    expect(estimator.waitMs(account.clock.monotonic(), 3, 0)).toBe(0);
    limitState.learnLimit((known) => known.refused(account.clock.monotonic(), 3, 0));
    await limitState.settled();
    // The next client learns it from this one.
    const next = account.client().limitState;
    await next.recall();
    expect(next.width).toBe(3);
  });

  it('stays while other clients run, however old it is', async () => {
    const account = new Account();
    await account.found(3);
    await account.client().permit();
    await account.clock.advance(11 * minute);
    const { limitState } = account.client();
    await limitState.recall();
    expect(limitState.width).toBe(3);
  });

  it('is forgotten after a day without use', async () => {
    const account = new Account();
    await account.found(3);
    await account.clock.advance(24 * 60 * minute + 1);
    const { limitState } = account.client();
    await limitState.recall();
    expect([limitState.estimator.limit, limitState.estimator.learned]).toEqual([1, false]);
    // What is learned now is kept in its place.
    limitState.learnLimit((estimator) => estimator.refused(account.clock.monotonic(), 1, 0));
    await limitState.settled();
    const next = account.client().limitState;
    await next.recall();
    expect([next.estimator.limit, next.estimator.learned]).toEqual([1, true]);
  });

  it('is not shared with a client that was given another limit', async () => {
    const account = new Account();
    await account.found(3);
    const { limitState } = account.client({ maxConcurrent: 2 });
    await limitState.recall();
    expect(limitState.width).toBe(2);
  });
});

describe('clients that learn at the same time', () => {
  it('lose nothing that either has seen', async () => {
    const account = new Account();
    const [one, two] = [account.client().limitState, account.client().limitState];
    await Promise.all([one.recall(), two.recall()]);
    const now = account.clock.monotonic();
    for (let job = 0; job < 10; job += 1) {
      for (const limitState of [one, two]) {
        limitState.learnLimit((estimator) => estimator.accepted(now, 0));
        limitState.learnLimit((estimator) => estimator.ended({ atMs: now, withinMs: job }));
      }
    }
    await Promise.all([one.settled(), two.settled()]);
    await one.look();
    await two.look();
    expect(one.estimator.state(now)).toEqual(two.estimator.state(now));
    expect(one.estimator.state(now)).toMatchObject({ accepted: 20, acceptedSinceProbe: 20 });
  });

  it('know of each other’s ended jobs, so that a refusal counts as a tail', async () => {
    const account = new Account();
    const [one, two] = [account.client().limitState, account.client().limitState];
    await Promise.all([one.recall(), two.recall()]);
    one.learnLimit((estimator) => estimator.accepted(account.clock.monotonic(), 0));
    await account.clock.advance(10_000);
    const end = { atMs: account.clock.monotonic(), withinMs: 0 };
    one.learnLimit((estimator) => estimator.ended(end));
    await one.settled();
    await two.look();
    await account.clock.advance(500);
    const now = account.clock.monotonic();
    expect(two.learnLimit((estimator) => estimator.refused(now, 0, 0))).toBe('tail');
    await two.settled();
    await one.look();
    expect(one.estimator.tail.longerThanMs).toBe(500);
  });

  it('distinguish running jobs of others from waiting permits', async () => {
    const account = new Account();
    const [one, two] = [account.client(), account.client()];
    const keys = [await one.permit(), await two.permit(), await one.permit()];
    one.limitState.learnLimit(() => undefined, { key: keys[0] as string, phase: 'running' });
    await one.limitState.settled();
    await two.limitState.look();
    expect(two.limitState.elsewhere(keys[1] as string)).toEqual({ running: 1, before: 0 });
    await one.limitState.look();
    expect(one.limitState.elsewhere(keys[2] as string)).toEqual({ running: 0, before: 1 });
  });
});

describe('a pause after a refusal', () => {
  /** Two clients with a submission each, of which one was refused for overload. */
  async function paused() {
    const account = new Account();
    const clients = [account.client(), account.client()] as const;
    const [one, two] = clients;
    const keys = [await one.permit(), await two.permit()] as const;
    await Promise.all(clients.map(({ limitState }) => limitState.recall()));
    one.limitState.changePause((pause) => pause.forRefusal(account.clock.monotonic(), overloaded));
    await one.limitState.settled();
    const entered: string[] = [];
    const entries = clients.map(({ gate }, index) => {
      const key = keys[index] as string;
      const images = 1;
      return gate
        .enter(
          { key, images },
          () => 0,
          never,
          () => undefined,
        )
        .then(() => entered.push(key));
    });
    await account.clock.advance(pauseBaseMs - 100, 50);
    expect(entered).toEqual([]);
    await account.clock.advance(3000, 50);
    return { account, clients, keys, entered, entries };
  }

  it('is shared, and only one submission of all clients probes whether it is over', async () => {
    const { account, clients, keys, entered, entries } = await paused();
    expect(entered).toHaveLength(1);
    const prober = keys.indexOf(entered[0] as string);
    const client = clients[prober];
    const key = entered[0] as string;
    client?.limitState.learnLimit((estimator) => estimator.accepted(account.clock.monotonic(), 0), {
      key,
      phase: 'running',
    });
    client?.limitState.changePause((pause) => pause.end());
    client?.gate.leave(key);
    await account.clock.advance(2000, 50);
    await Promise.all(entries);
    expect(entered.toSorted()).toEqual([...keys].toSorted());
  });

  it('does not wait for a probe whose client has died', async () => {
    const { account, keys, entered, entries } = await paused();
    expect(entered).toHaveLength(1);
    await account.permits.release(lane.id, entered[0] as string);
    await account.clock.advance(2000, 50);
    await Promise.all(entries);
    expect(entered.toSorted()).toEqual([...keys].toSorted());
  });
});

describe('a store that fails', () => {
  it('causes a warning, and the next change stores what was learned', async () => {
    const account = new Account();
    const { permits } = account;
    let fails = true;
    const failing: PermitStore = {
      ...memberOf(permits),
      compareAndSetLearned: async (update) => {
        if (fails) throw new Error('the disk is full');
        return permits.compareAndSetLearned(update);
      },
    };
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (fields: unknown) => void warnings.push(fields) };
    const { limitState } = account.client({ permits: failing, logger });
    await limitState.recall();
    const now = account.clock.monotonic();
    limitState.learnLimit((estimator) => estimator.accepted(now, 0));
    limitState.learnLimit((estimator) => estimator.refused(now, 1, 0));
    await limitState.settled();
    expect(warnings).toEqual([{ lane: 'lane', error: 'Error: the disk is full' }]);
    expect(limitState.estimator.learned).toBe(true);
    fails = false;
    limitState.learnLimit((estimator) => estimator.ended({ atMs: now, withinMs: 0 }));
    await limitState.settled();
    await setImmediate();
    const next = account.client().limitState;
    await next.recall();
    expect([next.estimator.limit, next.estimator.learned]).toEqual([1, true]);
  });
});

/** The methods of a store, so that some can be replaced. */
function memberOf(permits: PermitStore): PermitStore {
  return {
    reach: permits.reach,
    tryAcquire: (request) => permits.tryAcquire(request),
    adopt: (request) => permits.adopt(request),
    release: (id, key) => permits.release(id, key),
    isHeld: (id, key) => permits.isHeld(id, key),
    recallDurations: (id) => permits.recallDurations(id),
    keepDurations: (id, record) => permits.keepDurations(id, record),
    count: (id) => permits.count(id),
    waitForRelease: (id, maxWaitMs, signal) => permits.waitForRelease(id, maxWaitMs, signal),
    reserveRate: (id, kind, perSecond) => permits.reserveRate(id, kind, perSecond),
    snapshotLane: (id, about) => permits.snapshotLane(id, about),
    compareAndSetLearned: (update) => permits.compareAndSetLearned(update),
    close: () => permits.close(),
  };
}
