import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { createOwner, openSqlitePermits } from '@holodeck/core/stores';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { permitsApplicationId, permitsMigrations } from '../../src/stores/sqlite/sqlite-schema.ts';
import { stateDirectory } from '../../src/stores/sqlite/state-directory.ts';
import { sized } from '../../../../test/support/long-runs.ts';
import { ManualClock } from './manual-clock.ts';
import type { OpenAtOnce } from './open-at-once.ts';

const lane = 'lane';
/** How often several threads open a new file at the same moment. */
const tries = sized(40, 120);
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holodeck-permits-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('the lease of a permit', () => {
  const away = 'another-host/boot/1/start/nonce';

  it('is renewed while it is held, by an owner that this host cannot see', async () => {
    const clock = new ManualClock();
    const permits = await openSqlitePermits({ directory, internal: { clock } });
    const watcher = await openSqlitePermits({ directory, internal: { clock } });
    await permits.tryAcquire({ lane, limit: 1, key: 'key', owner: away });
    await clock.advance(120_000, 1_000);
    expect(await watcher.count(lane)).toBe(1);
    expect(await watcher.tryAcquire({ lane, limit: 1, key: 'other', owner: away })).toBe(false);
    await permits.close();
    await watcher.close();
  });

  it('ends 30 s after the last renewal, and ends the waits for it', async () => {
    // The holder's clock stands still, as a host does that has lost its power.
    const permits = await openSqlitePermits({ directory, internal: { clock: new ManualClock() } });
    const clock = new ManualClock();
    const watcher = await openSqlitePermits({ directory, internal: { clock } });
    await permits.tryAcquire({ lane, limit: 1, key: 'key', owner: away });
    await clock.advance(30_000);
    expect(await watcher.tryAcquire({ lane, limit: 1, key: 'other', owner: away })).toBe(false);
    const wait = watcher.waitForRelease(lane, 600_000, new AbortController().signal);
    await clock.advance(100, 25);
    await wait;
    expect(await watcher.count(lane)).toBe(0);
    expect(await watcher.tryAcquire({ lane, limit: 1, key: 'other', owner: away })).toBe(true);
    await permits.close();
    await watcher.close();
  });

  it('does not apply to a running process of this host: its job runs too', async () => {
    const permits = await openSqlitePermits({ directory, internal: { clock: new ManualClock() } });
    const clock = new ManualClock();
    const watcher = await openSqlitePermits({ directory, internal: { clock } });
    await permits.tryAcquire({ lane, limit: 1, key: 'key', owner: createOwner().id });
    await clock.advance(3_600_000);
    expect(await watcher.count(lane)).toBe(1);
    await permits.close();
    await watcher.close();
  });
});

describe('a rate', () => {
  it('survives a clock that is set back', async () => {
    const clock = new ManualClock();
    const permits = await openSqlitePermits({ directory, internal: { clock } });
    expect(await permits.reserveRate(lane, 'query', 20)).toBe(0);
    await clock.advance(-3_600_000);
    await clock.advance(1);
    expect(await permits.reserveRate(lane, 'query', 20)).toBeLessThanOrEqual(50);
    await permits.close();
  });
});

describe('openSqlitePermits', () => {
  it('releases what it holds when it is closed', async () => {
    const permits = await openSqlitePermits({ directory });
    const other = await openSqlitePermits({ directory });
    await permits.tryAcquire({ lane, limit: 1, key: 'key', owner: createOwner().id });
    await permits.close();
    await permits.close();
    expect(await other.count(lane)).toBe(0);
    await other.close();
  });

  it('repeats a release that failed', async () => {
    const clock = new ManualClock();
    const permits = await openSqlitePermits({ directory, internal: { clock, busyTimeoutMs: 40 } });
    const others = await openSqlitePermits({ directory, internal: { clock } });
    const owner = createOwner().id;
    expect(await permits.tryAcquire({ lane, limit: 2, key: 'a', owner })).toBe(true);
    expect(await permits.tryAcquire({ lane, limit: 2, key: 'b', owner })).toBe(true);
    const releaseInVain = async (...keys: readonly string[]): Promise<void> => {
      const blocker = new DatabaseSync(join(directory, 'permits.sqlite'));
      blocker.exec('BEGIN IMMEDIATE');
      for (const key of keys) await expect(permits.release(lane, key)).rejects.toMatchObject({ kind: 'storage' });
      blocker.exec('COMMIT');
      blocker.close();
    };
    await releaseInVain('a', 'b');
    // Asked again by this process, at once; by others after its next sign of life.
    expect(await permits.tryAcquire({ lane, limit: 1, key: 'c', owner })).toBe(true);
    await permits.release(lane, 'c');
    expect(await permits.tryAcquire({ lane, limit: 2, key: 'a', owner })).toBe(true);
    await releaseInVain('a');
    await clock.advance(5000);
    await expect.poll(() => others.count(lane), { timeout: 60_000 }).toBe(0);
    await permits.close();
    await others.close();
  });

  it('keeps its file private, where HOLODECK_STATE_DIR says', async () => {
    const state = join(directory, 'state');
    const permits = await openSqlitePermits({ environment: { HOLODECK_STATE_DIR: state } });
    expect(permits.reach).toBe('machine');
    expect((await stat(state)).mode & 0o777).toBe(0o700);
    expect((await stat(join(state, 'permits.sqlite'))).mode & 0o777).toBe(0o600);
    await permits.close();
  });

  it('opens a new file for several processes at the same moment', async () => {
    const threads = 4;
    const rounds = tries;
    const arrived = new Int32Array(new SharedArrayBuffer(4 * rounds));
    const failed = new Int32Array(new SharedArrayBuffer(4));
    const workerData: OpenAtOnce = { directory, rounds, threads, arrived, failed };
    const execArgv = ['--conditions=@holodeck/source'];
    const file = new URL('open-at-once.ts', import.meta.url);
    const workers = Array.from({ length: threads }, () => new Worker(file, { workerData, execArgv }));
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    expect(arrived.at(-1)).toBe(threads);
    expect(failed[0]).toBe(0);
  });

  it('says which file is damaged', async () => {
    const file = join(directory, 'permits.sqlite');
    await writeFile(file, 'no database '.repeat(1_000));
    await expect(openSqlitePermits({ directory })).rejects.toMatchObject({
      kind: 'storage',
      outcome: 'not-submitted',
      message: expect.stringContaining(file) as string,
    });
  });
});

describe('stateDirectory', () => {
  const cases: readonly (readonly [NodeJS.Platform, Record<string, string>, string])[] = [
    ['linux', {}, join(homedir(), '.local/state/holodeck')],
    ['linux', { XDG_STATE_HOME: '/state' }, '/state/holodeck'],
    ['linux', { XDG_STATE_HOME: 'relative' }, join(homedir(), '.local/state/holodeck')],
    ['linux', { XDG_STATE_HOME: '/state', HOLODECK_STATE_DIR: '/mine' }, '/mine'],
    ['linux', { HOLODECK_STATE_DIR: ' ' }, join(homedir(), '.local/state/holodeck')],
    ['darwin', {}, join(homedir(), 'Library/Application Support/holodeck')],
    ['win32', { LOCALAPPDATA: '/local' }, '/local/holodeck'],
    ['win32', {}, join(homedir(), 'AppData/Local/holodeck')],
  ];
  it.each(cases)('on %s with %j is %s', (platform, environment, expected) => {
    expect(stateDirectory(environment, platform)).toBe(expected);
  });
});

describe('the durations of jobs', () => {
  it('are stored for each lane and kind, and the newest replace older ones', async () => {
    const permits = await openSqlitePermits({ directory });
    await permits.keepDurations(lane, { key: 'model 1024x1024', durationsMs: [1, 2.5] });
    await permits.keepDurations(lane, { key: 'model 512x512', durationsMs: [7] });
    await permits.keepDurations(lane, { key: 'model 1024x1024', durationsMs: [3] });
    await permits.close();
    const again = await openSqlitePermits({ directory });
    const kept = await again.recallDurations(lane);
    expect(kept.toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([
      { key: 'model 1024x1024', durationsMs: [3] },
      { key: 'model 512x512', durationsMs: [7] },
    ]);
    expect(await again.recallDurations('another')).toEqual([]);
    await again.close();
  });
});

describe('a file of an earlier version', () => {
  it('keeps its content: taken permits count as running jobs', async () => {
    const file = join(directory, 'permits.sqlite');
    const database = new DatabaseSync(file);
    for (const step of permitsMigrations.slice(0, 2)) database.exec(step);
    database.exec(`PRAGMA application_id = ${permitsApplicationId}; PRAGMA user_version = 2`);
    const owner = createOwner().id;
    database
      .prepare('INSERT INTO permits (lane, key, owner, renewedAtMs) VALUES (?, ?, ?, ?)')
      .run(lane, 'old', owner, Date.now());
    database.close();
    const permits = await openSqlitePermits({ directory });
    expect(await permits.tryAcquire({ lane, limit: 1, key: 'new', owner })).toBe(false);
    expect(await permits.tryAcquire({ lane, limit: 2, key: 'new', owner })).toBe(true);
    expect(await permits.snapshotLane(lane, 'auto')).toEqual({
      permits: [
        { key: 'old', owner, phase: 'running' },
        { key: 'new', owner, phase: 'waiting' },
      ],
    });
    await permits.close();
  });
});

describe('what has become of a permit', () => {
  it('outlives renewals, and the loss of its row', async () => {
    const clock = new ManualClock();
    const permits = await openSqlitePermits({ directory, internal: { clock } });
    const owner = createOwner().id;
    for (const key of ['a', 'b']) await permits.tryAcquire({ lane, limit: 2, key, owner });
    const phases = [{ key: 'a', phase: 'running' }] as const;
    await permits.compareAndSetLearned({ lane, about: 'auto', learned: '', revision: 0, phases, wake: false });
    const database = new DatabaseSync(join(directory, 'permits.sqlite'));
    const seen: unknown[] = [];
    for (const loss of ['', 'DELETE FROM permits']) {
      database.exec(loss);
      await clock.advance(5000);
      const view = await permits.snapshotLane(lane, 'auto');
      seen.push(view?.permits.map(({ key, phase }) => `${key} ${phase}`));
    }
    database.close();
    expect(seen).toEqual([
      ['a running', 'b waiting'],
      ['a running', 'b waiting'],
    ]);
    await permits.close();
  });
});
