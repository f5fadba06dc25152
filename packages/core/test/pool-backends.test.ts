import { afterEach, describe, expect, it } from 'vitest';
import { ImageClient, ImageError, poolBackends } from '../src/index.ts';
import { systemClock } from '../src/backend.ts';
import type { ImageBackend, ImageClientOptions } from '../src/index.ts';
import type { Lane } from '../src/backend.ts';
import { until } from '../../../test/support/until.ts';
import { fault, ScriptedBackend } from './support/scripted-backend.ts';
import type { ScriptedOptions } from './support/scripted-backend.ts';

const clients: ImageClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function member(account: string, options: ScriptedOptions = {}): ScriptedBackend {
  const lane: Lane = { id: `scripted/${account}`, label: account, defaultMaxConcurrent: 1 };
  return new ScriptedBackend({ ...options, lane });
}

function start(members: readonly ImageBackend[], options: ImageClientOptions = {}): ImageClient {
  const client = new ImageClient(poolBackends(members), { retryBaseMs: 1, retryMaxMs: 20, ...options });
  clients.push(client);
  return client;
}

const tasks = (count: number): { prompt: string; taskId: string }[] =>
  Array.from({ length: count }, (_, index) => ({ prompt: 'a cat', taskId: `t${index}` }));

describe('a pool', () => {
  it('uses all its lanes, each within its own limit, and collects every job where it runs', async () => {
    const members: ScriptedBackend[] = [];
    // A job ends when the other lane has as many, so that both are needed, whatever their speed.
    const jobEnd = (own: number, other: number) => (): Promise<void> => {
      const [mine, theirs] = [members[own] as ScriptedBackend, members[other] as ScriptedBackend];
      const { accepted } = mine;
      return until(() => theirs.accepted >= accepted);
    };
    members.push(member('a', { limit: 1, jobEnd: jobEnd(0, 1) }), member('b', { limit: 1, jobEnd: jobEnd(1, 0) }));
    const results = await start(members).generateBatch(tasks(30));
    expect(results.filter(({ success }) => !success)).toEqual([]);
    for (const { accepted, maxRunning, foreignHandles } of members)
      expect({ accepted, maxRunning, foreignHandles }).toEqual({ accepted: 15, maxRunning: 1, foreignHandles: 0 });
  });

  it('gives the next task to the lane that is free first', async () => {
    const fast = member('fast', { jobMs: 5 });
    // Its one job lasts until the other lane has done all the rest.
    const slow = member('slow', { jobEnd: () => until(() => fast.collected === 11) });
    await start([slow, fast]).generateBatch(tasks(12));
    expect([slow.accepted, fast.accepted]).toEqual([1, 11]);
  });

  it('sends past a lane that is down', async () => {
    const down = Array.from({ length: 200 }, () => fault({ outcome: 'not-submitted' }));
    const [broken, well] = [member('broken', { submit: down }), member('well', { jobMs: 1 })];
    const client = start([broken, well]);
    const results = await client.generateBatch(tasks(40));
    expect(results.filter(({ success }) => !success)).toEqual([]);
    expect(well.accepted).toBe(40);
    // Its breaker stops what would fail.
    expect(broken.submissions).toBeLessThan(20);
  });

  it('sends past several lanes that are down while the healthy one is busy', async () => {
    const down = (): ImageError[] => Array.from({ length: 200 }, () => fault({ outcome: 'not-submitted' }));
    const broken = ['a', 'b', 'c'].map((name) => member(name, { submit: down() }));
    const well = member('well', { limit: 1, jobMs: 60 });
    const results = await start([...broken, well]).generateBatch(tasks(6));
    expect(results.filter(({ success }) => !success)).toEqual([]);
    expect(well.accepted).toBe(6);
  });

  it('moves a refused task to a lane that has room', async () => {
    // Far longer than the task can take: a pause that has ended would give the first lane room as well.
    const pause = { kind: 'concurrency-limit', outcome: 'rejected', retryable: true, retryAfterMs: 3_600_000 } as const;
    const [full, free] = [member('full', { submit: [fault(pause)] }), member('free', { jobMs: 1 })];
    const result = await start([full, free], { retryMaxMs: 3_600_000 }).generate({ prompt: 'a cat' });
    expect(result.success).toBe(true);
    expect([full.submissions, free.accepted]).toEqual([1, 1]);
  });

  it('leaves a lane alone whose breaker is open, and sends to it again later', async () => {
    let skippedMs = 0;
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + skippedMs };
    const faults = Array.from({ length: 8 }, () => fault({ outcome: 'not-submitted' }));
    const [broken, well] = [member('broken', { submit: faults, jobMs: 5 }), member('well', { jobMs: 5 })];
    const client = start([broken, well], { internal: { clock } });
    await client.generateBatch(tasks(20));
    expect([broken.submissions, broken.accepted, well.accepted]).toEqual([8, 0, 20]);
    skippedMs = 10_001;
    const later = tasks(20).map((task) => ({ ...task, taskId: `later-${task.taskId}` }));
    expect((await client.generateBatch(later)).filter(({ success }) => !success)).toEqual([]);
    expect(broken.accepted).toBeGreaterThan(0);
  });

  it('fails when no member can be reached', async () => {
    const down = (): ImageError[] => Array.from({ length: 10 }, () => fault({ outcome: 'not-submitted' }));
    const members = [member('a', { submit: down() }), member('b', { submit: down() })];
    const result = await start(members).generate({ prompt: 'a cat' });
    expect(!result.success && [result.error.kind, result.error.outcome]).toEqual(['unavailable', 'not-submitted']);
    expect(members.map(({ submissions }) => submissions).reduce((a, b) => a + b)).toBe(3);
  });

  it('locates and cancels on the lane of the job', async () => {
    const lost = fault({ outcome: 'unknown' });
    const found = { located: 'found' as const, cancellable: true };
    const members = [member('a', { ...found, submit: [lost] }), member('b', found)];
    const client = start(members);
    const [first] = await client.generateBatch(tasks(1));
    expect(first?.success).toBe(true);
    const abort = new AbortController();
    const pool = poolBackends([member('c', found), member('d', { ...found, collect: ['never-ends'] })]);
    const other = new ImageClient(pool);
    clients.push(other);
    const handle = {
      version: 1 as const,
      backend: 'scripted',
      lane: 'scripted/nobody',
      credential: '0',
      jobId: 'job',
      key: 'key',
      acceptedAtMs: 0,
    };
    const context = {
      key: 'key',
      lane: pool.lanes[0] as Lane,
      signal: abort.signal,
      openImage: () => Promise.reject(new Error()),
    };
    await expect(pool.collect(handle, context)).rejects.toMatchObject({ kind: 'auth', outcome: 'accepted' });
    await expect(pool.cancel?.({ ...handle, lane: 'scripted/d' }, context)).resolves.toBeUndefined();
    await expect(pool.locate?.('key', context)).resolves.toBe('found');
    expect(pool.handleFor?.('key', context).lane).toBe('scripted/c');
  });

  it('probes all members and is ready when one is', async () => {
    const down: ScriptedBackend = member('b');
    down.probe = async () => ({
      ...(await member('b').probe()),
      status: 'down' as const,
      message: 'No route.',
      remedy: 'Plug it in.',
    });
    expect(await start([member('a'), down]).probe()).toMatchObject({
      status: 'ready',
      message: '1 of 2 members are ready. b (down): No route.',
      remedy: 'Plug it in.',
    });
    expect(await start([down]).probe()).toMatchObject({ status: 'down' });
    expect(await start([member('a'), member('c')]).probe()).toMatchObject({
      status: 'ready',
      message: 'All 2 members are ready. ready',
    });
  });

  it('is the member itself if there is only one', () => {
    const only = member('a');
    expect(poolBackends([only])).toBe(only);
  });

  it('refuses members that do not draw alike, that differ in what they can do, or that are the same account', () => {
    const refused = (members: readonly ImageBackend[]): string => {
      try {
        poolBackends(members);
      } catch (error) {
        if (ImageError.isInstance(error) && error.outcome === 'not-submitted') return error.message;
      }
      return 'accepted';
    };
    expect(refused([])).toMatch(/at least one/);
    expect(refused([member('a'), member('a')])).toMatch(/same account or server \(a\)/);
    expect(refused([member('a'), Object.assign(member('b'), { model: 'model-2' })])).toMatch(/model differs/);
    expect(refused([member('a'), Object.assign(member('b'), { fingerprint: 'x' })])).toMatch(/fingerprint differs/);
    expect(refused([member('a'), Object.assign(member('b'), { name: 'x' })])).toMatch(/name differs/);
    expect(refused([member('a'), member('b', { capabilities: { maxCount: 1 } })])).toMatch(/differ in what/);
    expect(refused([member('a'), member('b', { cancellable: true })])).toMatch(/differ in what/);
  });
});
